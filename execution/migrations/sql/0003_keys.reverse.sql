DROP FUNCTION execution_key_guard();
