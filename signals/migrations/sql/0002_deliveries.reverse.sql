DROP FUNCTION signals_delivery_partitions(integer);
DROP FUNCTION signals_delivery_protect(text);
