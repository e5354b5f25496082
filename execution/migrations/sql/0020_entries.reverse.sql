DROP FUNCTION execution_order_judge();
DROP FUNCTION execution_exit_refusal(execution_order, signals_decision);
DROP FUNCTION execution_entry_refusal(execution_order, signals_decision);
DROP FUNCTION execution_entry_misplaces(
    execution_order, jsonb, numeric, numeric, execution_symbolmap
);
DROP FUNCTION execution_entry_base(execution_order, numeric, bigint);
DROP FUNCTION execution_ladder_refusal(boolean, numeric, numeric, numeric);
DROP FUNCTION execution_entry_lacks(jsonb, numeric, numeric);
DROP FUNCTION execution_target_price(jsonb, numeric, boolean, execution_symbolmap);
DROP FUNCTION execution_entry_stopped_by(execution_order, signals_decision);
DROP FUNCTION execution_trade_is_closed(signals_decision);
DROP FUNCTION execution_order_has_ended(text);
