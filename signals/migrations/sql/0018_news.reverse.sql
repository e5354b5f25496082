DROP FUNCTION signals_newsevent_birth();
