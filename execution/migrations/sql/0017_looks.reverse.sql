DROP FUNCTION execution_switch_look();
