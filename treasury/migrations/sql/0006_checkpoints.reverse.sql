DROP FUNCTION treasury_checkpoint_next(integer, integer);
