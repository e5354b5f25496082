DROP FUNCTION treasury_entry_closed();
DROP FUNCTION treasury_leaf_bytes(bigint);
DROP FUNCTION treasury_entry_stamp();
DROP FUNCTION treasury_cluster();
