DROP FUNCTION signals_unknown_caller(bytea, integer, text, text, text, integer, integer);
DROP FUNCTION signals_refuse(
    bigint, bigint, bytea, text, text, text, text, text, text, text, text[]);
DROP FUNCTION signals_accept(
    bigint, integer, bigint, bytea, text, text, text, text, text, text, text, text, text, boolean,
    timestamptz, timestamptz, jsonb, jsonb);
DROP FUNCTION signals_entries_are_full(bigint, integer, timestamptz);
DROP FUNCTION signals_trade_is_closed(bigint, text, timestamptz, timestamptz);
DROP FUNCTION signals_supersede(bigint, text, timestamptz, text[]);
DROP FUNCTION signals_means_entry(
    text, text, text, text, text, text, bigint, integer, signals_decision);
DROP FUNCTION signals_target(bigint, text, text, text, text, text, boolean);
DROP FUNCTION signals_handlers(jsonb, text);
