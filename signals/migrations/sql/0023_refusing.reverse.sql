DROP FUNCTION signals_refuse(
    bigint, bigint, bytea, text, text, text, text, text, text, text, boolean, text[]);
