SELECT setval(pg_get_serial_sequence('execution_order', 'id'), 1, false);
