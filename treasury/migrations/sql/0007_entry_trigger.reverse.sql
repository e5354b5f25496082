DROP TRIGGER treasury_entry_taken_back ON treasury_entry;
