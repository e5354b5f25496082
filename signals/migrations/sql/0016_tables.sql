CREATE TRIGGER signals_strategypolicy_born BEFORE INSERT ON signals_strategypolicy
    FOR EACH ROW EXECUTE FUNCTION signals_policy_birth();
ALTER TABLE signals_strategypolicy ENABLE ALWAYS TRIGGER signals_strategypolicy_born;
CREATE TRIGGER signals_label_born BEFORE INSERT ON signals_label
    FOR EACH ROW EXECUTE FUNCTION signals_label_birth();
ALTER TABLE signals_label ENABLE ALWAYS TRIGGER signals_label_born;
CREATE TRIGGER signals_fusionstate_born BEFORE INSERT ON signals_fusionstate
    FOR EACH ROW EXECUTE FUNCTION signals_state_birth();
ALTER TABLE signals_fusionstate ENABLE ALWAYS TRIGGER signals_fusionstate_born;
