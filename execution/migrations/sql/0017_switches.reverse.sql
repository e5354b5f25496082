DROP FUNCTION execution_switch_birth();
DROP FUNCTION execution_entry_may_go(bigint, bigint, text);
DROP FUNCTION execution_switch_state(text, text);
