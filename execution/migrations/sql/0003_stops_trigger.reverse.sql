DROP TRIGGER execution_order_has_stop ON execution_order;
