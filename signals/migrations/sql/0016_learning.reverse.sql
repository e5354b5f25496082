DROP FUNCTION signals_label_birth();
DROP FUNCTION signals_state_birth();
