DROP TABLE execution_heartbeat;
