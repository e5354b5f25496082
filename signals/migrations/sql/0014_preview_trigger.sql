CREATE TRIGGER signals_preview_birth BEFORE INSERT ON signals_preview
    FOR EACH ROW EXECUTE FUNCTION signals_preview_birth();
ALTER TABLE signals_preview ENABLE ALWAYS TRIGGER signals_preview_birth;
