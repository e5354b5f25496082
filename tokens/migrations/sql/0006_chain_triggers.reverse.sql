DROP TRIGGER tokens_account_has_floor ON treasury_ledgeraccount;
DROP TRIGGER tokens_line_is_on_chain ON treasury_line;
DROP TRIGGER tokens_entry_is_in_step ON treasury_entry;
DROP TRIGGER tokens_binding_edges ON tokens_chainbinding;
DROP TRIGGER tokens_binding_born ON tokens_chainbinding;
DROP TRIGGER tokens_observation_born ON tokens_chainobservation;
