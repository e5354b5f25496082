DROP FUNCTION execution_terminal_guard();
