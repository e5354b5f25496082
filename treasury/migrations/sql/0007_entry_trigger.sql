CREATE TRIGGER treasury_entry_taken_back BEFORE INSERT ON treasury_entry
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION treasury_entry_taken_back();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_taken_back;
