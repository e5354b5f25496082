DROP FUNCTION execution_twin_follows();
DROP FUNCTION execution_twin_end();
DROP FUNCTION execution_twin_birth();
DROP FUNCTION execution_twin_differs(bigint, bigint);
