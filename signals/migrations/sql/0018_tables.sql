CREATE TRIGGER signals_newsevent_born BEFORE INSERT ON signals_newsevent
    FOR EACH ROW EXECUTE FUNCTION signals_newsevent_birth();
ALTER TABLE signals_newsevent ENABLE ALWAYS TRIGGER signals_newsevent_born;
