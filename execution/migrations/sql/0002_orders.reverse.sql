DROP FUNCTION execution_order_guard();
DROP FUNCTION execution_order_edge_is_legal(text, text);
