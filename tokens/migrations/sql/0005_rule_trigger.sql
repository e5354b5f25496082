CREATE TRIGGER tokens_rule_is_wanted BEFORE INSERT ON tokens_ruleversion
    FOR EACH ROW EXECUTE FUNCTION tokens_rule_birth();
ALTER TABLE tokens_ruleversion ENABLE ALWAYS TRIGGER tokens_rule_is_wanted;
