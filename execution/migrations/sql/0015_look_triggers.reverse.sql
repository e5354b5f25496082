DROP TRIGGER execution_account_look ON execution_brokeraccount;
DROP TRIGGER execution_order_look ON execution_order;
DROP TRIGGER execution_order_look_new ON execution_order;
