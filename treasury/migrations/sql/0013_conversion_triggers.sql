-- In Postgres NaN is greater than every number, so it passes the usual checks.
ALTER TABLE treasury_pricesnapshot
    ADD CONSTRAINT treasury_price_is_number CHECK (price <> 'NaN'::numeric);
CREATE TRIGGER treasury_conversion_born BEFORE INSERT ON treasury_conversion
    FOR EACH ROW EXECUTE FUNCTION treasury_conversion_birth();
CREATE TRIGGER treasury_conversion_ends BEFORE UPDATE ON treasury_conversion
    FOR EACH ROW EXECUTE FUNCTION treasury_conversion_edge();
CREATE TRIGGER treasury_conversion_priced AFTER UPDATE ON treasury_conversion
    FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION treasury_conversion_priced();
CREATE TRIGGER treasury_conversion_booked AFTER UPDATE ON treasury_conversion
    FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION treasury_conversion_booked();
ALTER TABLE treasury_conversion ENABLE ALWAYS TRIGGER treasury_conversion_born;
ALTER TABLE treasury_conversion ENABLE ALWAYS TRIGGER treasury_conversion_ends;
ALTER TABLE treasury_conversion ENABLE ALWAYS TRIGGER treasury_conversion_priced;
ALTER TABLE treasury_conversion ENABLE ALWAYS TRIGGER treasury_conversion_booked;
CREATE CONSTRAINT TRIGGER treasury_entry_converts AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'conversion') EXECUTE FUNCTION treasury_entry_converts();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_converts;
