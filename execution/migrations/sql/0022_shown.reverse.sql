DROP FUNCTION execution_order_shown_guard();
