DROP TRIGGER execution_position_guard ON execution_position;
DROP FUNCTION execution_position_guard();
DROP TRIGGER execution_order_keep ON execution_order;
DROP TRIGGER execution_order_guard ON execution_order;
DROP FUNCTION execution_order_guard();
DROP FUNCTION execution_order_edge_is_legal(text, text);
