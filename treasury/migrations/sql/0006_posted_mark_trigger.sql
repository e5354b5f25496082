CREATE TRIGGER treasury_postedmark_rises BEFORE INSERT OR UPDATE OR DELETE ON treasury_postedmark
    FOR EACH ROW EXECUTE FUNCTION treasury_postedmark_edge();
ALTER TABLE treasury_postedmark ENABLE ALWAYS TRIGGER treasury_postedmark_rises;
