DROP TRIGGER tokens_intent_edges ON tokens_chainintent;
DROP TRIGGER tokens_intent_born ON tokens_chainintent;
