DROP FUNCTION signals_spend_settle(text, date, numeric, numeric);
DROP FUNCTION signals_spend_take(text, numeric, numeric);
