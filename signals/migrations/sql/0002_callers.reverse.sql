DROP FUNCTION signals_unknown_caller(bytea, integer, text, text, text, integer, integer);
DROP FUNCTION signals_peer_take(text, integer, integer);
