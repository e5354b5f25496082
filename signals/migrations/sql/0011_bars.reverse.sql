DROP FUNCTION signals_bar_birth();
