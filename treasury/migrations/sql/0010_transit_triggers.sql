CREATE TRIGGER treasury_entry_transit_wanted BEFORE INSERT ON treasury_entry
    FOR EACH ROW WHEN (NEW.kind = 'transit.cleared') EXECUTE FUNCTION treasury_transit_wanted();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_transit_wanted;
CREATE CONSTRAINT TRIGGER treasury_entry_transit_as_wanted AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'transit.cleared') EXECUTE FUNCTION treasury_transit_as_wanted();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_transit_as_wanted;
