DROP FUNCTION execution_account_look();
DROP FUNCTION execution_order_look();
DROP FUNCTION execution_look(bigint);
