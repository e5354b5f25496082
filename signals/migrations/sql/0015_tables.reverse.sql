DROP TABLE signals_bar;
