CREATE TRIGGER treasury_hold_ends_once BEFORE INSERT OR UPDATE ON treasury_hold
    FOR EACH ROW EXECUTE FUNCTION treasury_hold_guard();
CREATE TRIGGER treasury_hold_taken AFTER UPDATE ON treasury_hold
    FOR EACH ROW WHEN (NEW.state = 'posted') EXECUTE FUNCTION treasury_hold_taken();
CREATE TRIGGER treasury_hold_counted AFTER INSERT OR UPDATE ON treasury_hold
    FOR EACH ROW EXECUTE FUNCTION treasury_hold_counted();
ALTER TABLE treasury_hold ENABLE ALWAYS TRIGGER treasury_hold_ends_once;
ALTER TABLE treasury_hold ENABLE ALWAYS TRIGGER treasury_hold_taken;
ALTER TABLE treasury_hold ENABLE ALWAYS TRIGGER treasury_hold_counted;
