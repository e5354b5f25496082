DROP FUNCTION signals_decision_move();
DROP FUNCTION signals_decision_frozen();
DROP FUNCTION signals_decision_birth();
