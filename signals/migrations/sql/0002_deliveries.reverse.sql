DROP FUNCTION signals_delivery_partitions(integer);
DROP TABLE signals_delivery;
DROP FUNCTION signals_delivery_protect(text);
