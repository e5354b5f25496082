CREATE TRIGGER tokens_intent_born BEFORE INSERT ON tokens_chainintent
    FOR EACH ROW EXECUTE FUNCTION tokens_intent_birth();
ALTER TABLE tokens_chainintent ENABLE ALWAYS TRIGGER tokens_intent_born;
CREATE TRIGGER tokens_intent_edges BEFORE UPDATE ON tokens_chainintent
    FOR EACH ROW EXECUTE FUNCTION tokens_intent_edge();
ALTER TABLE tokens_chainintent ENABLE ALWAYS TRIGGER tokens_intent_edges;
