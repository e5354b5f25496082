DROP FUNCTION treasury_unitseries_rises();
DROP FUNCTION treasury_distribution_birth();
DROP FUNCTION treasury_entry_by_hand();
DROP FUNCTION treasury_entry_distributes();
