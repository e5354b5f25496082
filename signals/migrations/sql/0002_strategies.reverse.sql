DROP FUNCTION signals_strategy_guard();
