DROP FUNCTION signals_supersede(bigint, text, timestamptz, text[]);
DROP FUNCTION signals_trade_is_closed(bigint, text, timestamptz, timestamptz);
DROP FUNCTION signals_means_entry(
    text, text, text, text, text, text, bigint, integer, signals_decision);
DROP FUNCTION signals_target(bigint, text, text, text, text, text, boolean);
