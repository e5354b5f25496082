-- Triggers of one event fire in the order of their names.
CREATE TRIGGER signals_decision_born BEFORE INSERT ON signals_decision
    FOR EACH ROW EXECUTE FUNCTION signals_decision_birth();
CREATE TRIGGER signals_decision_keeps_facts BEFORE UPDATE ON signals_decision
    FOR EACH ROW EXECUTE FUNCTION signals_decision_frozen();
CREATE TRIGGER signals_decision_moves_legally BEFORE UPDATE ON signals_decision
    FOR EACH ROW EXECUTE FUNCTION signals_decision_move();
CREATE TRIGGER signals_decision_keeps_rows BEFORE DELETE ON signals_decision
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER signals_decision_keeps_table BEFORE TRUNCATE ON signals_decision
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE signals_decision ENABLE ALWAYS TRIGGER signals_decision_born;
ALTER TABLE signals_decision ENABLE ALWAYS TRIGGER signals_decision_keeps_facts;
ALTER TABLE signals_decision ENABLE ALWAYS TRIGGER signals_decision_moves_legally;
ALTER TABLE signals_decision ENABLE ALWAYS TRIGGER signals_decision_keeps_rows;
ALTER TABLE signals_decision ENABLE ALWAYS TRIGGER signals_decision_keeps_table;

CREATE TRIGGER signals_strategy_version_rises BEFORE UPDATE ON signals_strategy
    FOR EACH ROW EXECUTE FUNCTION signals_strategy_guard();
ALTER TABLE signals_strategy ENABLE ALWAYS TRIGGER signals_strategy_version_rises;
