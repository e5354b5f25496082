DROP FUNCTION tokens_account_floor();
DROP FUNCTION tokens_entry_explained(bigint, text, numeric, numeric);
DROP FUNCTION tokens_line_on_chain();
DROP FUNCTION tokens_entry_opens(bigint, text, numeric, numeric);
DROP FUNCTION tokens_entry_in_step();
DROP FUNCTION tokens_book_unready(text);
DROP FUNCTION tokens_binding_unready(bigint, text[]);
DROP FUNCTION tokens_ledger_units(bigint, text);
