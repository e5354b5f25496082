CREATE TRIGGER events_handling_moves_forward BEFORE UPDATE ON events_handling
    FOR EACH ROW EXECUTE FUNCTION events_handling_guard();
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_moves_forward;
CREATE TRIGGER events_handling_keeps_rows BEFORE DELETE ON events_handling
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_handling_keeps_table BEFORE TRUNCATE ON events_handling
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_keeps_rows;
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_keeps_table;
