DROP FUNCTION execution_amend_refusal(execution_order, signals_decision);
DROP FUNCTION execution_order_amends(execution_order, signals_decision);
DROP FUNCTION execution_levels_wanted(bigint);
DROP FUNCTION execution_order_rests(bigint);
