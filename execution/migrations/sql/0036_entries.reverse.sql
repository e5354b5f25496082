-- The database's own judgement of a staged entry: the second road of `execution.risk.rules`, in the
-- words of `execution.risk.reasons`. What else is refused stands beside it: the symbol and what was
-- decided in `orders.sql`, the stop in `stops.sql`.

CREATE OR REPLACE FUNCTION execution_order_has_ended(p_state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_state IN ('filled', 'done', 'rejected', 'cancelled', 'expired')
$$;

-- Whether an exit or cancel that came after the entry says not to send it any more. One that came
-- before it has met it at the intake (`signals_trade_is_closed`): a name that is used again is
-- another trade. In plpgsql it is planned with the entry's own values, as it must be: of all
-- decisions, hardly any came after its alert.
CREATE OR REPLACE FUNCTION execution_trade_is_closed(p_entry signals_decision) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM signals_decision closing
        WHERE closing.strategy_id = p_entry.strategy_id AND closing.state = 'approved'
            AND closing.verb IN ('exit', 'close_all', 'cancel', 'cancel_all')
            AND closing.alert_id >= p_entry.alert_id
            AND signals_means_entry(closing.scope, closing.target_trace_id, closing.trade_ref,
                closing.instrument, closing.side, closing.verb, closing.alert_id,
                closing.leg_no, p_entry));
END $$;

-- Switches and time; limits stand in `limits.sql`.
CREATE OR REPLACE FUNCTION execution_entry_stopped_by(
    p_order execution_order, p_decision signals_decision
) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE
        WHEN execution_switch_state('all', '') <> 'active' THEN 'all_stopped'
        WHEN execution_switch_state('account', p_order.account_id::text) <> 'active' THEN 'account_stopped'
        WHEN execution_switch_state('strategy', p_order.strategy_id::text) <> 'active'
            THEN 'strategy_stopped'
        WHEN execution_switch_state('instrument', p_order.instrument) <> 'active'
            THEN 'instrument_stopped'
        WHEN p_decision.valid_until <= events_now() THEN 'too_late'
        WHEN execution_trade_is_closed(p_decision) THEN 'trade_already_closed'
        ELSE '' END
$$;

-- The price of a stop or target that the leg names, on the tick grid; nothing where it names none
-- or where a distance has no price to count from. Rounding of ties is not told apart.
CREATE OR REPLACE FUNCTION execution_target_price(
    p_target jsonb, p_base numeric, p_is_below boolean, p_symbol execution_symbolmap
) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT round(CASE WHEN w.kind = 'price' THEN w.value
        ELSE p_base + CASE WHEN p_is_below THEN -1 ELSE 1 END * CASE w.kind
            WHEN 'points' THEN w.value * w.point
            WHEN 'pips' THEN w.value * w.point * CASE WHEN p_symbol.digits IN (3, 5)
                THEN 10 ELSE 1 END
            WHEN 'percent' THEN p_base * w.value / 100 END
        END / p_symbol.tick_size) * p_symbol.tick_size
    FROM (SELECT p_target ->> 'kind' AS kind, (p_target ->> 'value')::numeric AS value,
        power(10::numeric, -p_symbol.digits::numeric) AS point) w
$$;

-- What is asked without what it counts from: a price, a stop, the equity.
CREATE OR REPLACE FUNCTION execution_entry_lacks(
    p_leg jsonb, p_base numeric, p_equity numeric
) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM unnest(ARRAY[w.sl, w.tp]) kind
            WHERE kind NOT IN ('price', 'points', 'pips', 'percent')) THEN 'stop_kind_unknown'
        WHEN w.size NOT IN ('lots', 'qty', 'risk_pct', 'risk_money', 'notional', 'equity_pct')
            THEN 'size_mode_unknown'
        WHEN p_base IS NULL AND (w.sl IN ('price', 'percent') OR w.tp = 'percent'
            OR w.size IN ('notional', 'equity_pct')) THEN 'no_reference_price'
        WHEN w.size IN ('risk_pct', 'risk_money') AND w.sl IS NULL THEN 'risk_size_without_stop'
        WHEN (w.sl IS NOT NULL OR w.size = 'equity_pct') AND coalesce(p_equity, 0) <= 0
            THEN 'equity_unknown'
        ELSE '' END
    FROM (SELECT p_leg #>> '{size,mode}' AS size,
        CASE WHEN p_leg #>> '{sl,value}' IS NOT NULL
            THEN nullif(p_leg #>> '{sl,kind}', 'remove') END AS sl,
        CASE WHEN p_leg #>> '{tp,value}' IS NOT NULL
            THEN nullif(p_leg #>> '{tp,kind}', 'remove') END AS tp) w
$$;

-- Stop, price and target one above the other, the other way round for a sell; what is not there is
-- left out. Zero would tell the broker that there is none, NaN is above every number to Postgres.
CREATE OR REPLACE FUNCTION execution_ladder_refusal(
    p_is_buy boolean, p_sl numeric, p_base numeric, p_tp numeric
) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE
        WHEN least(p_sl, p_tp) <= 0 OR 'NaN' IN (p_sl, p_tp) THEN 'stop_below_zero'
        WHEN (p_sl > p_base) = p_is_buy OR (p_tp < p_base) = p_is_buy OR (p_sl > p_tp) = p_is_buy
            OR p_base IN (p_sl, p_tp) OR p_sl = p_tp THEN 'stop_on_wrong_side'
        ELSE '' END
$$;

-- The price that the market is known to have, or the one the order is compared with.
CREATE OR REPLACE FUNCTION execution_entry_base(
    p_order execution_order, p_level numeric, p_symbol_map_id bigint
) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(p_level, (
        SELECT CASE p_order.side WHEN 'buy' THEN q.ask ELSE q.bid END FROM execution_quote q
        WHERE q.symbol_map_id = p_symbol_map_id AND q.bid <= q.ask AND q.bid + q.ask <> 0
    ), p_order.ref_price)
$$;

-- Prices as they stand in the order, and as its decision asks for them: both must make sense. A
-- stop of the order is at most a tick from the price decided, or is the distance decided from the
-- fill; the price beside a distance is one by the market's own at that moment.
CREATE OR REPLACE FUNCTION execution_entry_misplaces(
    p_order execution_order, p_leg jsonb, p_level numeric, p_ref_price numeric,
    p_symbol execution_symbolmap
) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_is_buy boolean := p_order.side = 'buy';
    v_kind text := p_leg #>> '{sl,kind}';
    v_base numeric := execution_entry_base(p_order, p_level, p_symbol.id);
    v_sl numeric := execution_target_price(p_leg -> 'sl', v_base, v_is_buy, p_symbol);
    v_tp numeric := execution_target_price(p_leg -> 'tp', v_base, NOT v_is_buy, p_symbol);
BEGIN
    IF least(v_sl, v_tp) <= 0 THEN
        RETURN 'stop_below_zero';
    END IF;
    IF p_order.sl = v_base THEN
        RETURN 'stop_at_price';
    END IF;
    IF v_kind = 'price' AND abs(p_order.sl - v_sl) > p_symbol.tick_size
        OR (p_order.sl IS NULL) <> (v_sl IS NULL)
        OR p_order.ref_price <> coalesce(p_level, p_ref_price)
        OR v_kind IN ('points', 'pips', 'percent') AND (p_order.sl_unit, p_order.sl_distance)
            IS DISTINCT FROM (v_kind, round((p_leg #>> '{sl,value}')::numeric, 10)) THEN
        RETURN 'stop_is_not_the_one_decided';
    END IF;
    RETURN execution_ladder_refusal(v_is_buy, p_order.sl, v_base, p_order.tp);
END $$;

-- The first reason of an entry, or ''.
CREATE OR REPLACE FUNCTION execution_entry_refusal(
    p_order execution_order, p_decision signals_decision
) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_leg jsonb := p_decision.leg::jsonb;
    v_level numeric := round(coalesce((v_leg ->> 'limit_price')::numeric,
        (v_leg ->> 'stop_price')::numeric), 10);
    v_equity numeric;
    v_symbol execution_symbolmap;
BEGIN
    SELECT * INTO v_symbol FROM execution_symbolmap
        WHERE account_id = p_order.account_id AND instrument = p_order.instrument;
    IF num_nulls(v_symbol.digits, v_symbol.tick_size, v_symbol.tick_value,
        v_symbol.contract_size, v_symbol.lot_min, v_symbol.lot_step, v_symbol.lot_max) > 0
        OR v_symbol.gone_at IS NOT NULL THEN
        RETURN 'no_contract_sheet';
    END IF;
    SELECT equity INTO v_equity FROM execution_brokeraccount WHERE id = p_order.account_id;
    RETURN coalesce(
        nullif(execution_entry_stopped_by(p_order, p_decision), ''),
        nullif(execution_netting_refusal(p_order), ''),
        nullif(execution_entry_lacks(
            v_leg, execution_entry_base(p_order, v_level, v_symbol.id), v_equity), ''),
        nullif(execution_entry_misplaces(
            p_order, v_leg, v_level, round(p_decision.ref_price, 10), v_symbol), ''),
        CASE WHEN p_order.volume_lots < v_symbol.lot_min THEN 'below_lot_min' ELSE '' END);
END $$;

-- Amends tighten, partial exits name their share: what is refused there by its own name.
CREATE OR REPLACE FUNCTION execution_exit_refusal(
    p_order execution_order, p_decision signals_decision
) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE
        WHEN p_decision.verb = 'partial_exit' AND p_decision.leg::jsonb ->> 'close_pct' IS NULL
                AND p_decision.leg::jsonb #>> '{size,value}' IS NULL
            THEN 'close_pct_missing'
        WHEN p_order.verb = 'partial_exit' AND EXISTS (
            SELECT FROM execution_symbolmap m
            WHERE (m.account_id, m.instrument) = (p_order.account_id, p_order.instrument)
                AND p_order.volume_lots < m.lot_min) THEN 'below_lot_min'
        WHEN p_order.target_order_id IS NOT NULL
            THEN execution_amend_refusal(p_order, p_decision)
        WHEN p_order.verb = 'amend' AND EXISTS (
            SELECT FROM (
                SELECT p.sl FROM execution_position p
                WHERE (p.account_id, p.position_ticket)
                    = (p_order.account_id, p_order.position_ticket)
                UNION ALL
                SELECT o.sl FROM execution_order o
                WHERE (o.account_id, o.position_ticket)
                        = (p_order.account_id, p_order.position_ticket)
                    AND o.verb = 'amend' AND NOT execution_order_has_ended(o.state)) stop
            WHERE CASE p_order.side WHEN 'buy' THEN stop.sl > p_order.sl
                ELSE stop.sl < p_order.sl END
                OR stop.sl IS NOT NULL AND p_order.sl IS NULL) THEN 'amend_widens_stop'
        WHEN p_order.verb = 'amend' THEN execution_ladder_refusal(
            p_order.side = 'buy', p_order.sl, p_decision.ref_price, p_order.tp)
        ELSE '' END
$$;

CREATE OR REPLACE FUNCTION execution_order_judge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_decision signals_decision;  -- none where a person asks
    v_reason text;
BEGIN
    IF NEW.state <> 'staged' THEN
        RETURN NEW;
    END IF;
    -- Two entries at once must not both fit into the room that is left.
    PERFORM FROM execution_brokeraccount WHERE id = NEW.account_id FOR NO KEY UPDATE;
    SELECT * INTO v_decision FROM signals_decision WHERE id = NEW.decision_id;
    v_reason := CASE NEW.verb WHEN 'entry' THEN execution_entry_refusal(NEW, v_decision)
        ELSE execution_exit_refusal(NEW, v_decision) END;
    IF v_reason <> '' THEN
        RAISE EXCEPTION 'decision %: no order comes of it: %', NEW.decision_id, v_reason
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_passes_the_rules';
    END IF;
    RETURN NEW;
END $$;
