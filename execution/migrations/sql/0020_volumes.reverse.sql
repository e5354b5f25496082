DROP FUNCTION execution_deal_folds();
DROP FUNCTION execution_position_folds();
DROP FUNCTION execution_position_check_fold(bigint, bigint);
DROP FUNCTION execution_position_fold(bigint, bigint);
