DROP TRIGGER execution_order_was_shown ON execution_order;
DROP TRIGGER execution_order_in_limits ON execution_order;
DROP TRIGGER execution_limit_birth ON execution_risklimit;
