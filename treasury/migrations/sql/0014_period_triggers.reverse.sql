DROP TRIGGER treasury_unrealised_of_close ON treasury_entry;
DROP TRIGGER treasury_entry_period_is_open ON treasury_entry;
DROP INDEX treasury_entry_in_time;
