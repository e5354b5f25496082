CREATE TRIGGER tokens_reserves_born BEFORE INSERT ON tokens_reservesnapshot
    FOR EACH ROW EXECUTE FUNCTION tokens_reserves_birth();
CREATE CONSTRAINT TRIGGER tokens_reserves_whole AFTER INSERT ON tokens_reservesnapshot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tokens_reserves_whole();
CREATE TRIGGER tokens_reserve_leaves_born AFTER INSERT ON tokens_reserveleaf
    REFERENCING NEW TABLE AS born
    FOR EACH STATEMENT EXECUTE FUNCTION tokens_reserve_leaves_birth();
ALTER TABLE tokens_reservesnapshot ENABLE ALWAYS TRIGGER tokens_reserves_born;
ALTER TABLE tokens_reservesnapshot ENABLE ALWAYS TRIGGER tokens_reserves_whole;
ALTER TABLE tokens_reserveleaf ENABLE ALWAYS TRIGGER tokens_reserve_leaves_born;
