DROP FUNCTION tokens_reserves_birth();
