DROP FUNCTION execution_heartbeat_forget(integer);
DROP FUNCTION execution_heartbeat_partitions(integer);
