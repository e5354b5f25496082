DROP FUNCTION execution_order_limits_guard();
DROP FUNCTION execution_limit_birth();
DROP FUNCTION execution_limit_standing(text, execution_order);
DROP FUNCTION execution_limits_in_force(bigint, bigint, text);
DROP FUNCTION execution_limit_is_looser(text, numeric, numeric);
