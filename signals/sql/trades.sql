-- Whether the strategy had an entry on the instrument after this moment.
CREATE OR REPLACE FUNCTION signals_entry_is_younger(
    p_strategy_id bigint, p_instrument text, p_moment timestamptz
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF p_moment IS NULL THEN
        RETURN false;
    END IF;
    PERFORM FROM signals_decision d
        WHERE d.strategy_id = p_strategy_id AND d.instrument = p_instrument
            AND d.verb = 'entry' AND d.created_at > p_moment
        LIMIT 1;
    RETURN FOUND;
END $$;

-- Which entries a leg that opens nothing means, decided once and stored with its decision.
-- `scope`: 'order', the one entry whose alert a cancel or amend refers to by its id; 'trade', the
-- one that its reference names; 'last', the last one on its symbol, which an amend or a cancel
-- without a reference means; 'symbol' or 'strategy', all of it: an exit without a reference means
-- all on its symbol, however many trades made it. A leg before an entry of its own alert leaves the
-- former trade, whatever reference the new one bears. `target_trace_id`: the trace of the trade
-- meant, empty where none tells: by its own reference, else by the id it refers to (the newest of
-- that id), else the strategy's last entry on that symbol that is not dead. `p_told_at`: the time
-- of an exit that comes late; where it names no trade and younger entries came, it means the
-- 'older' ones, up to the target.
CREATE OR REPLACE FUNCTION signals_target(
    p_strategy_id bigint, p_trade_ref text, p_ref_id text, p_instrument text, p_side text,
    p_verb text, p_reverses boolean, p_told_at timestamptz DEFAULT NULL,
    OUT scope text, OUT target_trace_id text
)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    v_trade_ref text := CASE WHEN p_reverses THEN '' ELSE p_trade_ref END;
    v_entry_trace text;
    v_has_younger boolean := signals_entry_is_younger(p_strategy_id, p_instrument, p_told_at);
BEGIN
    IF p_ref_id <> '' AND p_verb IN ('cancel', 'amend') THEN
        SELECT d.trace_id INTO v_entry_trace
            FROM signals_alert a JOIN signals_decision d ON d.alert_id = a.id
            WHERE a.strategy_id = p_strategy_id AND a.sender_id = p_ref_id AND d.verb = 'entry'
                AND v_trade_ref IN ('', d.trade_ref)
            ORDER BY a.id DESC LIMIT 1;
    END IF;
    scope := CASE
        WHEN p_verb IN ('close_all', 'cancel_all')
            THEN CASE p_instrument WHEN '' THEN 'strategy' ELSE 'symbol' END
        WHEN p_reverses THEN 'symbol'
        WHEN v_entry_trace IS NOT NULL THEN 'order'
        WHEN v_trade_ref <> '' OR p_ref_id <> '' THEN 'trade'
        WHEN p_verb IN ('exit', 'partial_exit') THEN 'symbol'
        ELSE 'last' END;
    scope := CASE WHEN v_has_younger AND scope = 'symbol' THEN 'older' ELSE scope END;
    target_trace_id := coalesce(CASE
        WHEN scope = 'order' THEN v_entry_trace
        WHEN v_trade_ref <> '' THEN (
            SELECT d.trace_id FROM signals_decision d
            WHERE d.strategy_id = p_strategy_id AND d.trade_ref = v_trade_ref AND d.verb = 'entry'
            ORDER BY d.id DESC LIMIT 1)
        WHEN p_ref_id <> '' THEN (
            SELECT a.trace_id FROM signals_alert a
            WHERE a.strategy_id = p_strategy_id AND a.sender_id = p_ref_id
            ORDER BY a.id DESC LIMIT 1)
        WHEN p_instrument <> '' THEN (
            SELECT d.trace_id FROM signals_decision d
            WHERE d.strategy_id = p_strategy_id AND d.instrument = p_instrument
                AND d.verb = 'entry'
                AND d.state NOT IN ('rejected', 'expired', 'superseded', 'abstained')
                AND (p_side = 'any' OR (d.side = p_side) = (p_verb = 'amend'))
                AND (NOT v_has_younger OR d.created_at <= p_told_at)
            ORDER BY d.id DESC LIMIT 1)
        END, '');
END $$;

-- Whether a leg that opens nothing means this entry, by the scope stored with it. An exit says the
-- side of its order, an amend that of its position. Without a reference only what was asked for
-- before it is meant, by a late exit only what is as old as its target; a reference counts however
-- late its entry came.
CREATE OR REPLACE FUNCTION signals_means_entry(
    p_scope text, p_target_trace_id text, p_trade_ref text, p_instrument text, p_side text,
    p_verb text, p_alert_id bigint, p_leg_no integer, p_entry signals_decision
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN p_entry.verb = 'entry'
        AND p_instrument IN ('', p_entry.instrument)
        AND (p_side = 'any' OR (p_entry.side = p_side) = (p_verb = 'amend'))
        AND CASE
            WHEN p_scope = 'order' THEN p_entry.trace_id = p_target_trace_id
            WHEN p_scope = 'older' THEN p_entry.alert_id <= (
                SELECT max(d.alert_id) FROM signals_decision d
                WHERE d.trace_id = p_target_trace_id AND d.verb = 'entry'
                    AND d.alert_id < p_alert_id)
            WHEN p_scope <> 'trade'
                THEN (p_entry.alert_id, p_entry.leg_no) < (p_alert_id, p_leg_no)
            WHEN p_trade_ref <> '' THEN p_entry.trade_ref = p_trade_ref
            ELSE p_entry.trace_id = p_target_trace_id END;
END $$;

-- Whether the trade of an entry is over before the entry came: its exit or cancel was accepted and
-- belongs after it, by (bar time, rank), where an entry ranks before an exit of the same bar. A
-- trade name that is used again is another trade: a closing alert of the same bar, or without bar
-- times, closes an entry that was sent before it came, and only where it found no entry itself. A
-- cancel of one entry ends no trade.
CREATE OR REPLACE FUNCTION signals_trade_is_closed(
    p_strategy_id bigint, p_trade_ref text, p_bar_time timestamptz, p_sent_at timestamptz
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    -- Most trades have no end yet, and one look says so.
    IF p_trade_ref = '' OR NOT EXISTS (
            SELECT FROM signals_decision x
            WHERE x.strategy_id = p_strategy_id AND x.trade_ref = p_trade_ref
                AND x.verb IN ('exit', 'cancel') AND x.scope <> 'order') THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM signals_decision x JOIN signals_alert a ON a.id = x.alert_id
        WHERE x.strategy_id = p_strategy_id AND x.trade_ref = p_trade_ref
            AND x.verb IN ('exit', 'cancel') AND x.scope <> 'order'
            AND (a.bar_time > p_bar_time
                OR (a.bar_time = p_bar_time
                        OR (a.bar_time IS NULL OR p_bar_time IS NULL)
                            AND p_sent_at <= a.received_at)
                    AND NOT EXISTS (
                        SELECT FROM signals_decision e
                        WHERE e.strategy_id = p_strategy_id AND e.trade_ref = p_trade_ref
                            AND e.verb = 'entry' AND e.alert_id <= x.alert_id)));
END $$;

-- An exit or cancel overtakes the undecided entries that it means.
CREATE OR REPLACE FUNCTION signals_supersede(
    p_closing_id bigint, p_actor text, p_now timestamptz, p_handlers text[]
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_one record;
BEGIN
    FOR v_one IN
        SELECT d.id, d.trace_id, c.alert_id FROM signals_decision c
            JOIN signals_decision d ON d.strategy_id = c.strategy_id AND d.alert_id < c.alert_id
        WHERE c.id = p_closing_id AND d.verb = 'entry'
            AND d.state IN ('proposed', 'pending_review')
            AND signals_means_entry(c.scope, c.target_trace_id, c.trade_ref, c.instrument, c.side,
                c.verb, c.alert_id, c.leg_no, d)
        ORDER BY d.id FOR UPDATE OF d
    LOOP
        UPDATE signals_decision
            SET state = 'superseded', reason = 'later_alert', decided_at = p_now
            WHERE id = v_one.id;
        PERFORM events_record(
            'decision.superseded', 'signals.decision:' || v_one.id, v_one.trace_id, p_actor,
            format('{"by_alert_id":%s,"reason":"later_alert"}', v_one.alert_id), p_handlers);
    END LOOP;
END $$;
