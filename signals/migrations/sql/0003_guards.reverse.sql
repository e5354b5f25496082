DROP TRIGGER signals_strategy_version_rises ON signals_strategy;
DROP FUNCTION signals_strategy_guard();
DROP TRIGGER signals_decision_keeps_table ON signals_decision;
DROP TRIGGER signals_decision_keeps_rows ON signals_decision;
DROP TRIGGER signals_decision_moves_legally ON signals_decision;
DROP FUNCTION signals_decision_guard();
