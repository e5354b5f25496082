CREATE TRIGGER signals_secret_ends_sooner BEFORE UPDATE ON signals_strategysecret
    FOR EACH ROW EXECUTE FUNCTION signals_secret_guard();
ALTER TABLE signals_strategysecret ENABLE ALWAYS TRIGGER signals_secret_ends_sooner;
