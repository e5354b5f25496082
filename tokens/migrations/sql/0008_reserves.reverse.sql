DROP FUNCTION tokens_reserves_whole();
DROP FUNCTION tokens_reserve_leaves_birth();
DROP FUNCTION tokens_reserves_birth();
DROP FUNCTION tokens_reserves_owed(text);
