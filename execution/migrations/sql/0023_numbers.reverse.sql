DROP FUNCTION execution_order_numbered();
DROP FUNCTION execution_order_numbers_pass(bigint);
DROP FUNCTION execution_order_place();
