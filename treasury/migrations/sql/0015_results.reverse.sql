DROP FUNCTION treasury_trade_days_keep();
DROP FUNCTION treasury_trade_days_write(treasury_cash_due[]);
DROP FUNCTION treasury_trade_days_folded(treasury_cash_due[]);
