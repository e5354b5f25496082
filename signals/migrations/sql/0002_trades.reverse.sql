DROP FUNCTION signals_supersede(bigint, bigint, text, text, text, jsonb, timestamptz, text[]);
DROP FUNCTION signals_trade_is_closed(bigint, text, timestamptz, timestamptz);
DROP FUNCTION signals_trade_trace(bigint, text, text, text, text, text);
