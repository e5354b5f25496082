CREATE TRIGGER tokens_reserves_born BEFORE INSERT ON tokens_reservesnapshot
    FOR EACH ROW EXECUTE FUNCTION tokens_reserves_birth();
ALTER TABLE tokens_reservesnapshot ENABLE ALWAYS TRIGGER tokens_reserves_born;
