CREATE TRIGGER treasury_unitseries_rises BEFORE INSERT OR UPDATE ON treasury_unitseries
    FOR EACH ROW EXECUTE FUNCTION treasury_unitseries_rises();
CREATE TRIGGER treasury_distribution_born BEFORE INSERT ON treasury_distribution
    FOR EACH ROW EXECUTE FUNCTION treasury_distribution_birth();
CREATE TRIGGER treasury_entry_distributes BEFORE INSERT ON treasury_entry
    FOR EACH ROW WHEN (NEW.kind = 'distribution') EXECUTE FUNCTION treasury_entry_distributes();
CREATE TRIGGER treasury_entry_by_hand BEFORE INSERT ON treasury_entry
    FOR EACH ROW
    WHEN (NEW.kind IN ('units.issue', 'units.redeem', 'units.pay', 'revenue.record'))
    EXECUTE FUNCTION treasury_entry_by_hand();
ALTER TABLE treasury_unitseries ENABLE ALWAYS TRIGGER treasury_unitseries_rises;
ALTER TABLE treasury_distribution ENABLE ALWAYS TRIGGER treasury_distribution_born;
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_distributes;
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_by_hand;
