DROP FUNCTION execution_deal_adds_up();
DROP FUNCTION execution_position_adds_up();
DROP FUNCTION execution_order_adds_up();
DROP FUNCTION execution_position_check_sum(bigint, bigint);
DROP FUNCTION execution_order_check_sum(bigint);
DROP FUNCTION execution_position_money(bigint, bigint);
DROP FUNCTION execution_order_filled_lots(bigint);
