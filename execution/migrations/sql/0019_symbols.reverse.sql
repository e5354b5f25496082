DROP FUNCTION execution_symbol_contract_guard();
