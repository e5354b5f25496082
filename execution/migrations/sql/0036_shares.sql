-- What trades in a position, in the order of time and ticket, and whose each is: the entry that it
-- opens for (0 none of ours, null an exit that turned it round), the entries of the trade that it
-- closes, whether it is ours. Of each ticket its newest revision that is not held counts. In
-- plpgsql, which keeps its plans: a position's shares are asked with every report of a deal.
CREATE OR REPLACE FUNCTION execution_position_trades(p_account_id bigint, p_position_ticket bigint)
    RETURNS TABLE (
        entry text, volume_lots numeric, opens_for bigint, names bigint[], is_ours boolean,
        is_rebuilt boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH newest AS (
        SELECT d.*, o.verb, o.trade_ref, o.trace_id AS order_trace_id
        FROM execution_deal d LEFT JOIN execution_order o ON o.id = d.order_id
        WHERE d.account_id = p_account_id AND d.position_ticket = p_position_ticket
            AND d.held_for = '' AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = '')),
    entries AS (
        SELECT DISTINCT n.order_id AS id, n.trade_ref, n.order_trace_id AS trace_id
        FROM newest n WHERE n.verb = 'entry')
    SELECT n.entry::text, n.volume_lots,
        CASE WHEN n.order_id IS NULL THEN 0 WHEN n.verb = 'entry' THEN n.order_id END,
        ARRAY(
            SELECT e.id FROM entries e
            WHERE CASE WHEN n.order_id IS NULL THEN e.id = n.magic
                WHEN n.verb = 'entry' THEN false
                WHEN n.trade_ref <> '' THEN e.trade_ref = n.trade_ref
                ELSE e.trace_id = n.order_trace_id END
            ORDER BY e.id),
        n.order_id IS NOT NULL OR n.magic IN (SELECT e.id FROM entries e),
        n.reason IN ('rollover', 'vmargin', 'split', 'corporate_action') AND n.entry <> 'inout'
    FROM newest n
    WHERE n.kind IN ('buy', 'sell') AND n.entry <> '' AND n.volume_lots > 0
    ORDER BY n.at, n.ticket;
END $$;

-- What is left of each part once so much is taken: of the trade that is named, then of the oldest,
-- then of what is foreign, or of that first where nobody of ours has traded.
CREATE OR REPLACE FUNCTION execution_lots_taken(
    p_keys bigint[], p_lots numeric[], p_volume numeric, p_names bigint[], p_is_ours boolean
) RETURNS numeric[]
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    IF p_volume = 0 THEN
        RETURN p_lots;
    END IF;
    RETURN (
        SELECT coalesce(array_agg(
            t.lots - least(t.lots, greatest(p_volume - t.before, 0)) ORDER BY t.n), '{}')
        FROM (
            SELECT k.n, k.lots, coalesce(sum(k.lots) OVER (
                ORDER BY CASE WHEN k.id = 0 THEN CASE WHEN p_is_ours THEN 3 ELSE 0 END
                    WHEN k.id = ANY (p_names) THEN 1 ELSE 2 END, k.n
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM unnest(p_keys, p_lots) WITH ORDINALITY k (id, lots, n)) t);
END $$;

-- Parts of a whole that is now so large.
CREATE OR REPLACE FUNCTION execution_lots_scaled(p_lots numeric[], p_total numeric)
    RETURNS numeric[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT coalesce(array_agg(CASE WHEN w.total > 0 THEN l.part * p_total / w.total ELSE l.part END
        ORDER BY l.n), '{}')
    FROM unnest(p_lots) WITH ORDINALITY l (part, n),
        (SELECT sum(s) AS total FROM unnest(p_lots) s) w
$$;

-- Whose the open lots of a position are, as `execution.rules.shares` counts them: 0 is what no
-- order of ours has opened. While the broker closes and opens it anew, they are what they then
-- will be.
CREATE OR REPLACE FUNCTION execution_position_shares(p_account_id bigint, p_position_ticket bigint)
    RETURNS TABLE (entry_id bigint, lots numeric)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_deal record;
    v_keys bigint[] := '{}';  -- oldest first
    v_lots numeric[] := '{}';
    v_before numeric[] := '{}';  -- what stood until a rebuilding made it flat
    v_total numeric;
    v_closing numeric;
    v_owner bigint;
BEGIN
    FOR v_deal IN SELECT * FROM execution_position_trades(p_account_id, p_position_ticket) LOOP
        v_total := coalesce((SELECT sum(l) FROM unnest(v_lots) l), 0);
        IF v_deal.is_rebuilt AND v_deal.entry <> 'in' THEN
            v_before := CASE WHEN v_total > 0 AND v_total <= v_deal.volume_lots
                THEN v_lots ELSE v_before END;
            v_lots := execution_lots_scaled(v_lots, greatest(v_total - v_deal.volume_lots, 0));
            CONTINUE;
        ELSIF v_deal.is_rebuilt AND (v_total > 0 OR cardinality(v_before) > 0) THEN
            v_lots := execution_lots_scaled(
                CASE WHEN v_total > 0 THEN v_lots ELSE v_before END, v_total + v_deal.volume_lots);
            v_before := '{}';
            CONTINUE;
        END IF;
        v_before := '{}';
        v_closing := CASE v_deal.entry WHEN 'in' THEN 0
            WHEN 'inout' THEN least(v_deal.volume_lots, v_total) ELSE v_deal.volume_lots END;
        v_lots := execution_lots_taken(v_keys, v_lots, v_closing, v_deal.names, v_deal.is_ours);
        CONTINUE WHEN v_deal.entry NOT IN ('in', 'inout') OR v_deal.volume_lots = v_closing;
        v_owner := coalesce(v_deal.opens_for, (
            SELECT coalesce(min(k) FILTER (WHERE k = ANY (v_deal.names)), min(k), 0)
            FROM unnest(v_keys) k WHERE k > 0));
        IF v_deal.entry = 'inout' THEN
            SELECT '{}', '{}' INTO v_keys, v_lots;
        END IF;
        IF v_owner <> ALL (v_keys) THEN
            SELECT v_keys || v_owner, v_lots || 0::numeric INTO v_keys, v_lots;
        END IF;
        v_closing := v_deal.volume_lots - v_closing;
        v_lots[array_position(v_keys, v_owner)] :=
            v_lots[array_position(v_keys, v_owner)] + v_closing;
    END LOOP;
    RETURN QUERY SELECT k.id, k.part
        FROM unnest(v_keys, CASE WHEN cardinality(v_before) > 0 THEN v_before ELSE v_lots END)
            AS k (id, part)
        WHERE k.part > 0;
END $$;

-- Whose a netting position is, against what its row says; averages are rounded on both sides.
CREATE OR REPLACE FUNCTION execution_position_foreign_lots(
    p_account_id bigint, p_position_ticket bigint
) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(sum(s.lots), 0)
    FROM execution_position_shares(p_account_id, p_position_ticket) s WHERE s.entry_id = 0
$$;

-- On a netting account one strategy has an instrument; what it adds keeps the stop that stands,
-- since a position has one, that of the order filled last. An entry is refused beside another
-- strategy or somebody's trade by hand, and with a stop further away or none. Call under the
-- account's lock.
CREATE OR REPLACE FUNCTION execution_netting_refusal(p_order execution_order) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH held AS (
        SELECT p.strategy_id IS DISTINCT FROM p_order.strategy_id
            OR p.volume_foreign_lots > 0 AS is_of_others, p.side, p.sl,
            coalesce(opened.plan, '') <> '' AS has_plan
        FROM execution_position p LEFT JOIN execution_order opened ON opened.id = p.order_id
        WHERE p.account_id = p_order.account_id AND p.closed_at IS NULL
            AND (p.instrument = p_order.instrument OR p.broker_symbol = p_order.broker_symbol)
        UNION ALL
        SELECT o.strategy_id <> p_order.strategy_id, o.side, o.sl, o.plan <> ''
        FROM execution_order o
        WHERE o.account_id = p_order.account_id AND o.verb = 'entry'
            AND NOT execution_order_has_ended(o.state)
            AND (o.instrument = p_order.instrument OR o.broker_symbol = p_order.broker_symbol))
    SELECT CASE
        WHEN a.margin_mode <> 'netting' THEN ''
        WHEN EXISTS (SELECT FROM held WHERE is_of_others) THEN 'netting_in_use'
        WHEN NOT p_order.waits_for_flat AND EXISTS (
            SELECT FROM held WHERE has_plan OR p_order.plan <> '') THEN 'plan_not_shared'
        WHEN EXISTS (
            SELECT FROM held
            WHERE side = p_order.side AND sl IS NOT NULL
                AND (p_order.sl IS NULL OR p_order.sl <> sl
                    AND (p_order.sl < sl) = (p_order.side = 'buy'))) THEN 'netting_widens_stop'
        ELSE '' END
    FROM execution_brokeraccount a WHERE a.id = p_order.account_id
$$;

-- What a staged exit may take of a netting position: what the entries have in it that its decision
-- means, and all that is open only where nobody else has any.
CREATE OR REPLACE FUNCTION execution_exit_takes_shares(
    p_order execution_order, p_decision signals_decision
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(sum(s.lots) FILTER (WHERE s.is_meant), 0) >= p_order.volume_lots - 0.00000001
        AND (p_order.verb = 'partial_exit' OR bool_and(s.is_meant))
        AND bool_or((s.strategy_id, s.trace_id, s.trade_ref)
            = (p_order.strategy_id, p_order.trace_id, p_order.trade_ref))
    FROM (
        SELECT held.lots, o.strategy_id, o.trace_id, o.trade_ref,
            coalesce(o.strategy_id = p_decision.strategy_id AND signals_means_entry(
                CASE WHEN p_decision.scope = 'trade' AND p_decision.trade_ref = ''
                    THEN 'last' ELSE p_decision.scope END,
                p_decision.target_trace_id, p_decision.trade_ref, p_decision.instrument,
                p_decision.side, p_decision.verb, p_decision.alert_id, p_decision.leg_no, d),
                false) AS is_meant
        FROM execution_position_shares(p_order.account_id, p_order.position_ticket) held
            LEFT JOIN execution_order o ON o.id = held.entry_id
            LEFT JOIN signals_decision d ON d.id = o.decision_id) s
$$;
