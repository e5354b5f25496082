DROP FUNCTION execution_key_birth();
DROP FUNCTION execution_account_birth();
