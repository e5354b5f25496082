DROP FUNCTION signals_bar_birth();
DROP FUNCTION signals_bar_partitions(integer);
