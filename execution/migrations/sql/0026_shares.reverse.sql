DROP FUNCTION execution_exit_takes_shares(execution_order, signals_decision);
DROP FUNCTION execution_netting_refusal(execution_order);
DROP FUNCTION execution_position_foreign_lots(bigint, bigint);
DROP FUNCTION execution_lots_scaled(numeric[], numeric);
DROP FUNCTION execution_position_shares(bigint, bigint);
DROP FUNCTION execution_lots_taken(bigint[], numeric[], numeric, bigint[], boolean);
DROP FUNCTION execution_position_trades(bigint, bigint);
