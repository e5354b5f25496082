DROP FUNCTION tokens_rule_birth();
