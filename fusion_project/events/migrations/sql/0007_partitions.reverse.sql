DROP FUNCTION events_partitions_forget(text, timestamptz);
DROP FUNCTION events_partitions_make(text, text, integer);
DROP FUNCTION events_partition_protect(text, text);
