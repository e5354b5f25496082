DROP TRIGGER tokens_rule_is_wanted ON tokens_ruleversion;
