-- Entries that rest at the broker, and what an amend may make of them: `execution.rules.amending`
-- says the same.
CREATE OR REPLACE FUNCTION execution_order_rests(p_order_id bigint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT FROM execution_order o
        WHERE o.id = p_order_id AND o.verb = 'entry' AND o.order_type <> 'market'
            AND o.state IN ('working', 'partially_filled'))
$$;

-- The entry with the prices that it shall have: those of the newest amend that was not refused.
CREATE OR REPLACE FUNCTION execution_levels_wanted(p_entry_id bigint) RETURNS execution_order
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT o.* FROM execution_order o
    WHERE o.id = p_entry_id OR o.target_order_id = p_entry_id AND o.verb = 'amend'
        AND o.state <> 'cancelled' AND (o.state <> 'rejected' OR o.fence > 0)
    ORDER BY o.id DESC LIMIT 1
$$;

-- What an amend of an entry may be about: one of the decision's strategy and symbol that may still
-- open something, by the prices that its kind of order has.
CREATE OR REPLACE FUNCTION execution_order_amends(
    p_order execution_order, p_decision signals_decision
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT (p_order.verb, p_decision.verb, p_order.position_ticket, p_order.volume_lots)
            = ('amend', 'amend', 0, 0)
        AND EXISTS (
            SELECT FROM execution_order e
            WHERE e.id = p_order.target_order_id AND e.verb = 'entry'
                AND (e.state = 'done' OR NOT execution_order_has_ended(e.state))
                AND (e.account_id, e.strategy_id, e.instrument, e.broker_symbol, e.trace_id,
                     e.trade_ref, e.side, e.order_type)
                    = (p_order.account_id, p_order.strategy_id, p_order.instrument,
                       p_order.broker_symbol, p_order.trace_id, p_order.trade_ref, p_order.side,
                       p_order.order_type)
                AND (e.limit_price IS NULL) = (p_order.limit_price IS NULL)
                AND (e.stop_price IS NULL) = (p_order.stop_price IS NULL))
$$;

-- The money at risk goes by the distance from the price to the stop, to a tick; at the market, by
-- the stop itself. Another price is given to an entry only where entries may go.
CREATE OR REPLACE FUNCTION execution_amend_refusal(
    p_order execution_order, p_decision signals_decision
) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_is_buy boolean := p_order.side = 'buy';
    v_now execution_order := execution_levels_wanted(p_order.target_order_id);
    v_base numeric := coalesce(p_order.limit_price, p_order.stop_price);
    v_base_now numeric := coalesce(v_now.limit_price, v_now.stop_price);
    v_tick numeric;
BEGIN
    SELECT m.tick_size INTO v_tick FROM execution_symbolmap m
        WHERE (m.account_id, m.instrument) = (p_order.account_id, p_order.instrument);
    IF num_nonnulls(v_now.sl, v_now.sl_distance) > 0
        AND num_nonnulls(p_order.sl, p_order.sl_distance) = 0
        OR v_base IS NULL AND p_order.sl <> v_now.sl
        AND (p_order.sl < v_now.sl) = v_is_buy
        OR abs(v_base - p_order.sl) > abs(v_base_now - v_now.sl) + v_tick THEN
        RETURN 'amend_widens_stop';
    END IF;
    IF (v_base, p_order.stop_price) IS DISTINCT FROM (v_base_now, v_now.stop_price)
        AND NOT execution_entry_may_go(
            p_order.account_id, p_order.strategy_id, p_order.instrument) THEN
        RETURN 'account_stopped';
    END IF;
    RETURN execution_ladder_refusal(v_is_buy, p_order.sl, v_base, p_order.tp);
END $$;
