DROP TABLE signals_delivery;
