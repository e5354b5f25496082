DROP FUNCTION treasury_balance_guard();
