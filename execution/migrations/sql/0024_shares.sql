-- Whose the open lots of a position are, as `execution.rules.shares` counts them: 0 is what no order
-- of ours has opened. Of each ticket its newest revision that is not held counts. While the broker
-- closes and opens a position anew, the shares are what they then will be.
CREATE OR REPLACE FUNCTION execution_position_shares(p_account_id bigint, p_position_ticket bigint)
    RETURNS TABLE (entry_id bigint, lots numeric)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_deal record;
    v_keys bigint[] := '{}';  -- oldest first
    v_lots numeric[] := '{}';
    v_before numeric[] := '{}';  -- what stood, while a rebuilding has made it flat
    v_total numeric;
    v_closing numeric;
    v_rest numeric;
    v_owner bigint;
    v_named bigint[];
    v_entries bigint[] := ARRAY(
        SELECT DISTINCT o.id FROM execution_deal d JOIN execution_order o ON o.id = d.order_id
        WHERE d.account_id = p_account_id AND d.position_ticket = p_position_ticket
            AND o.verb = 'entry' AND d.held_for = '' AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = ''));
    v_at integer;
BEGIN
    FOR v_deal IN
        SELECT d.entry, d.volume_lots, d.magic, o.id AS order_id, o.verb,
            o.trade_ref, o.trace_id,
            d.reason IN ('rollover', 'vmargin', 'split', 'corporate_action')
                AND d.entry <> 'inout' AS is_rebuilt
        FROM execution_deal d LEFT JOIN execution_order o ON o.id = d.order_id
        WHERE d.account_id = p_account_id AND d.position_ticket = p_position_ticket
            AND d.kind IN ('buy', 'sell') AND d.entry <> '' AND d.volume_lots > 0
            AND d.held_for = '' AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = '')
        ORDER BY d.at, d.ticket
    LOOP
        v_total := coalesce((SELECT sum(l) FROM unnest(v_lots) l), 0);
        IF v_deal.is_rebuilt AND v_deal.entry <> 'in' THEN
            v_rest := greatest(v_total - v_deal.volume_lots, 0);
            v_before := CASE WHEN v_total > 0 AND v_rest = 0 THEN v_lots ELSE v_before END;
            v_lots := execution_lots_scaled(v_lots, v_rest);
            CONTINUE;
        ELSIF v_deal.is_rebuilt AND (v_total > 0 OR cardinality(v_before) > 0) THEN
            v_lots := execution_lots_scaled(
                CASE WHEN v_total > 0 THEN v_lots ELSE v_before END, v_total + v_deal.volume_lots);
            v_before := '{}';
            CONTINUE;
        END IF;
        v_before := '{}';
        v_named := CASE
            WHEN v_deal.order_id IS NULL THEN ARRAY[v_deal.magic]
            WHEN v_deal.verb = 'entry' THEN '{}'
            ELSE ARRAY(
                SELECT e.id FROM execution_order e
                WHERE e.id = ANY (v_keys) AND CASE WHEN v_deal.trade_ref <> ''
                    THEN e.trade_ref = v_deal.trade_ref ELSE e.trace_id = v_deal.trace_id END
                ORDER BY e.id) END;
        v_closing := CASE v_deal.entry WHEN 'in' THEN 0
            WHEN 'inout' THEN least(v_deal.volume_lots, v_total) ELSE v_deal.volume_lots END;
        v_rest := v_closing;
        FOR v_at IN
            SELECT k.n FROM unnest(v_keys) WITH ORDINALITY k (id, n)
            ORDER BY CASE
                WHEN k.id = 0 THEN CASE WHEN v_deal.order_id IS NULL
                    AND v_deal.magic <> ALL (v_entries) THEN 0 ELSE 3 END
                WHEN k.id = ANY (v_named) THEN 1 ELSE 2 END, k.n
        LOOP
            v_total := least(v_rest, v_lots[v_at]);
            v_lots[v_at] := v_lots[v_at] - v_total;
            v_rest := v_rest - v_total;
        END LOOP;
        IF v_deal.entry IN ('in', 'inout') AND v_deal.volume_lots > v_closing THEN
            v_owner := CASE
                WHEN v_deal.order_id IS NULL THEN 0
                WHEN v_deal.verb = 'entry' THEN v_deal.order_id
                ELSE coalesce(v_named[1],
                    (SELECT min(k) FROM unnest(v_keys) k WHERE k > 0), 0) END;
            IF v_deal.entry = 'inout' THEN
                v_keys := '{}';
                v_lots := '{}';
            END IF;
            v_at := array_position(v_keys, v_owner);
            IF v_at IS NULL THEN
                v_keys := v_keys || v_owner;
                v_lots := v_lots || 0::numeric;
                v_at := cardinality(v_keys);
            END IF;
            v_lots[v_at] := v_lots[v_at] + v_deal.volume_lots - v_closing;
        END IF;
    END LOOP;
    RETURN QUERY SELECT k.id, k.part
        FROM unnest(v_keys, CASE WHEN cardinality(v_before) > 0 THEN v_before ELSE v_lots END)
            AS k (id, part)
        WHERE k.part > 0;
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

-- On a netting account one strategy has an instrument; what it adds keeps the stop that stands, since
-- a position has one, that of the order filled last. An entry is refused beside another strategy or
-- somebody's trade by hand, and with a stop further away or none. Call under the account's lock.
CREATE OR REPLACE FUNCTION execution_netting_refusal(p_order execution_order) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH held AS (
        SELECT p.strategy_id IS DISTINCT FROM p_order.strategy_id
            OR p.volume_foreign_lots > 0 AS is_of_others, p.side, p.sl
        FROM execution_position p
        WHERE p.account_id = p_order.account_id AND p.closed_at IS NULL
            AND (p.instrument = p_order.instrument OR p.broker_symbol = p_order.broker_symbol)
        UNION ALL
        SELECT o.strategy_id <> p_order.strategy_id, o.side, o.sl
        FROM execution_order o
        WHERE o.account_id = p_order.account_id AND o.verb = 'entry'
            AND NOT execution_order_has_ended(o.state)
            AND (o.instrument = p_order.instrument OR o.broker_symbol = p_order.broker_symbol))
    SELECT CASE
        WHEN a.margin_mode <> 'netting' THEN ''
        WHEN EXISTS (SELECT FROM held WHERE is_of_others) THEN 'netting_in_use'
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
