DROP FUNCTION signals_refuse(
    bigint, bigint, bytea, text, text, text, text, text, text, text, text[]);
DROP FUNCTION signals_accept(
    bigint, integer, bigint, bytea, text, text, text, text, text, text, text, text, text, boolean,
    timestamptz, timestamptz, jsonb, jsonb);
DROP FUNCTION signals_entries_are_full(bigint, integer, timestamptz);
DROP FUNCTION signals_handlers(jsonb, text);
