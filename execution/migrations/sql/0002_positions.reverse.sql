DROP FUNCTION execution_position_guard();
