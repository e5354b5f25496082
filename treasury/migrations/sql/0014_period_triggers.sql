-- Entries of a time lie close together: a small index finds them, and costs a posting little.
CREATE INDEX treasury_entry_in_time ON treasury_entry USING brin (event_at);
CREATE TRIGGER treasury_entry_period_is_open AFTER INSERT ON treasury_entry
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_entry_period_is_open();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_period_is_open;
CREATE CONSTRAINT TRIGGER treasury_unrealised_of_close AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'unrealised') EXECUTE FUNCTION treasury_unrealised_of_close();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_unrealised_of_close;
