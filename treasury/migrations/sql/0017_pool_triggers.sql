DROP TRIGGER treasury_entry_by_hand ON treasury_entry;
CREATE TRIGGER treasury_entry_by_hand BEFORE INSERT ON treasury_entry
    FOR EACH ROW
    WHEN (NEW.kind IN ('units.issue', 'units.redeem', 'units.pay', 'revenue.record', 'pool.pay'))
    EXECUTE FUNCTION treasury_entry_by_hand();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_by_hand;
CREATE CONSTRAINT TRIGGER treasury_entry_pool_as_wanted AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'pool.pay') EXECUTE FUNCTION treasury_pool_paid_as_wanted();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_pool_as_wanted;
