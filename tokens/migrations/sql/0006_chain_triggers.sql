CREATE TRIGGER tokens_observation_born BEFORE INSERT ON tokens_chainobservation
    FOR EACH ROW EXECUTE FUNCTION tokens_observation_birth();
ALTER TABLE tokens_chainobservation ENABLE ALWAYS TRIGGER tokens_observation_born;
CREATE TRIGGER tokens_binding_born BEFORE INSERT ON tokens_chainbinding
    FOR EACH ROW EXECUTE FUNCTION tokens_binding_birth();
ALTER TABLE tokens_chainbinding ENABLE ALWAYS TRIGGER tokens_binding_born;
CREATE TRIGGER tokens_binding_edges BEFORE UPDATE ON tokens_chainbinding
    FOR EACH ROW EXECUTE FUNCTION tokens_binding_edge();
ALTER TABLE tokens_chainbinding ENABLE ALWAYS TRIGGER tokens_binding_edges;

-- On treasury's tables: nothing is paid out of step with the chain.
CREATE TRIGGER tokens_entry_is_in_step BEFORE INSERT ON treasury_entry
    FOR EACH ROW WHEN (NEW.reverses_id IS NULL AND (
        NEW.kind LIKE 'distribution%' OR NEW.idem_key LIKE 'dist:%'
        OR NEW.kind IN ('token.mint', 'token.burn', 'token.buyback', 'token.payout')))
    EXECUTE FUNCTION tokens_entry_in_step();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER tokens_entry_is_in_step;
CREATE TRIGGER tokens_line_is_on_chain AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tokens_line_on_chain();
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER tokens_line_is_on_chain;
CREATE TRIGGER tokens_account_has_floor BEFORE INSERT ON treasury_ledgeraccount
    FOR EACH ROW EXECUTE FUNCTION tokens_account_floor();
ALTER TABLE treasury_ledgeraccount ENABLE ALWAYS TRIGGER tokens_account_has_floor;
