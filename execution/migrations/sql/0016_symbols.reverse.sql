DROP FUNCTION execution_symbol_map_guard();
