DROP FUNCTION tokens_entry_closes(bigint, text, numeric, numeric);
DROP FUNCTION tokens_intent_edge();
DROP FUNCTION tokens_intent_is_done_by(tokens_chainintent);
DROP FUNCTION tokens_intent_birth();
DROP FUNCTION tokens_intent_change(tokens_chainintent);
