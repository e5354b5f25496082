DROP TRIGGER execution_order_numbered ON execution_order;
