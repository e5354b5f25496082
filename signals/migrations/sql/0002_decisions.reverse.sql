DROP FUNCTION signals_decision_guard();
