-- The order id is the MT5 magic number: two databases trading on one account must not meet.
-- It stays below 2^52, so that no JSON reader can round it.
SELECT setval(pg_get_serial_sequence('execution_order', 'id'),
              ((1 + floor(random() * 1048574))::bigint << 32) + 1);
