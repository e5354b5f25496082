DROP FUNCTION signals_secret_guard();
