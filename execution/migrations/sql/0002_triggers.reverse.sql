DROP TRIGGER execution_position_guard ON execution_position;
DROP TRIGGER execution_order_keep ON execution_order;
DROP TRIGGER execution_order_guard ON execution_order;
