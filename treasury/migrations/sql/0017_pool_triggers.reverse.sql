DROP TRIGGER treasury_entry_pool_as_wanted ON treasury_entry;
DROP TRIGGER treasury_entry_by_hand ON treasury_entry;
CREATE TRIGGER treasury_entry_by_hand BEFORE INSERT ON treasury_entry
    FOR EACH ROW
    WHEN (NEW.kind IN ('units.issue', 'units.redeem', 'units.pay', 'revenue.record'))
    EXECUTE FUNCTION treasury_entry_by_hand();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_by_hand;
