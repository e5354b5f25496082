-- The trace of the trade that a later alert belongs to: by its own reference, else by the id it
-- refers to, else the strategy's last entry on that symbol that is not dead. NULL where none tells.
CREATE OR REPLACE FUNCTION signals_trade_trace(
    p_strategy_id bigint, p_trade_ref text, p_ref_id text, p_instrument text, p_side text,
    p_event text
) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN CASE
        WHEN p_trade_ref <> '' THEN (
            SELECT trace_id FROM signals_decision
            WHERE strategy_id = p_strategy_id AND trade_ref = p_trade_ref AND event = 'entry'
            ORDER BY id DESC LIMIT 1)
        WHEN p_ref_id <> '' THEN (
            SELECT trace_id FROM signals_alert
            WHERE strategy_id = p_strategy_id AND sender_id = p_ref_id)
        WHEN p_instrument <> '' THEN (
            SELECT trace_id FROM signals_decision
            WHERE strategy_id = p_strategy_id AND instrument = p_instrument AND event = 'entry'
                AND state NOT IN ('rejected', 'expired', 'superseded', 'abstained')
                AND (p_side = 'any' OR (side = p_side) = (p_event = 'amend'))
            ORDER BY id DESC LIMIT 1)
    END;
END $$;

-- Whether the trade of an entry is over before the entry came: its exit or cancel was accepted and
-- belongs after it, by (bar time, rank), where an entry ranks before an exit of the same bar. A
-- trade name that is used again is another trade: a closing alert of the same bar, or without bar
-- times, closes an entry that was sent before it came, and only where it found no entry itself.
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
                AND x.event IN ('exit', 'cancel')) THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM signals_decision x JOIN signals_alert a ON a.id = x.alert_id
        WHERE x.strategy_id = p_strategy_id AND x.trade_ref = p_trade_ref
            AND x.event IN ('exit', 'cancel')
            AND (a.bar_time > p_bar_time
                OR (a.bar_time = p_bar_time
                        OR (a.bar_time IS NULL OR p_bar_time IS NULL)
                            AND p_sent_at <= a.received_at)
                    AND NOT EXISTS (
                        SELECT FROM signals_decision e
                        WHERE e.strategy_id = p_strategy_id AND e.trade_ref = p_trade_ref
                            AND e.event = 'entry' AND e.alert_id <= x.alert_id)));
END $$;

-- An exit or cancel overtakes its trade's undecided entries. With a trade reference those of that
-- trade, without one all of the symbol; an empty symbol means all of the strategy.
CREATE OR REPLACE FUNCTION signals_supersede(
    p_strategy_id bigint, p_alert_id bigint, p_trade_ref text, p_ref_id text, p_actor text,
    p_leg jsonb, p_now timestamptz, p_handlers text[]
) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_side text := p_leg ->> 'side';
    v_instrument text := p_leg ->> 'instrument';
    v_whole boolean := p_leg ->> 'event' IN ('cancel_all', 'close_all');
    v_one record;
BEGIN
    FOR v_one IN
        SELECT d.id, d.trace_id FROM signals_decision d
        WHERE d.strategy_id = p_strategy_id AND d.event = 'entry' AND d.alert_id < p_alert_id
            AND d.state IN ('proposed', 'pending_review')
            AND CASE
                WHEN v_whole THEN v_instrument IN ('', d.instrument)
                WHEN p_trade_ref <> '' THEN d.trade_ref = p_trade_ref
                WHEN p_ref_id <> '' THEN d.alert_id = (
                    SELECT a.id FROM signals_alert a
                    WHERE a.strategy_id = p_strategy_id AND a.sender_id = p_ref_id)
                ELSE d.instrument = v_instrument AND (v_side = 'any' OR d.side <> v_side)
            END
        ORDER BY d.id FOR UPDATE
    LOOP
        UPDATE signals_decision
            SET state = 'superseded', reason = 'later_alert', decided_at = p_now
            WHERE id = v_one.id;
        PERFORM events_record(
            'decision.superseded', 'signals.decision:' || v_one.id, v_one.trace_id, p_actor,
            format('{"by_alert_id":%s,"reason":"later_alert"}', p_alert_id), p_handlers);
    END LOOP;
END $$;
