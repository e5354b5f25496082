DROP FUNCTION execution_order_stop_guard();
