-- What a position says of the order that opened it is what the order of its first opening deal
-- says; of each ticket its newest revision that is not held counts.
CREATE OR REPLACE FUNCTION execution_position_is_as_ordered(p_position execution_position)
    RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce((
        SELECT CASE WHEN o.id IS NULL
            THEN num_nonnulls(p_position.order_id, p_position.decision_id,
                p_position.strategy_id) = 0
            ELSE (o.id, o.decision_id, o.strategy_id, o.instrument, o.trace_id, o.trade_ref)
                = (p_position.order_id, p_position.decision_id, p_position.strategy_id,
                   p_position.instrument, p_position.trace_id, p_position.trade_ref) END
        FROM execution_deal d LEFT JOIN execution_order o ON o.id = d.order_id
        WHERE d.account_id = p_position.account_id
            AND d.position_ticket = p_position.position_ticket AND d.held_for = ''
            AND d.kind IN ('buy', 'sell') AND d.entry IN ('in', 'inout') AND d.volume_lots > 0
            AND NOT EXISTS (
                SELECT FROM execution_deal later
                WHERE later.account_id = d.account_id AND later.ticket = d.ticket
                    AND later.revision > d.revision AND later.held_for = '')
        ORDER BY d.at, d.ticket LIMIT 1), false)
$$;

-- A position names what its opening order named, and starts at its first fold.
CREATE OR REPLACE FUNCTION execution_position_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.fold_revision <> 1 OR NOT execution_position_is_as_ordered(NEW) THEN
        RAISE EXCEPTION 'position %: it starts at fold revision 1 and as its order says',
            NEW.position_ticket
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_start_is_legal';
    END IF;
    RETURN NEW;
END $$;

-- A person, or the executor's plan, may tighten a stop at the broker: its terminal shows it there.
CREATE OR REPLACE FUNCTION execution_stop_is_tightened(
    p_old execution_position, p_new execution_position
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT p_new.tp IS NOT DISTINCT FROM p_old.tp
        AND (p_old.sl IS NULL OR (p_new.sl > p_old.sl) = (p_new.side = 'buy'))
        AND EXISTS (
            SELECT FROM execution_terminal t, jsonb_array_elements(t.positions::jsonb) told
            WHERE t.account_id = p_new.account_id
                AND told ->> 'position_ticket' = p_new.position_ticket::text
                AND (told ->> 'sl')::numeric = p_new.sl)
$$;

-- A netting position has the stop and target of the order filled last: where another entry than the
-- first has a share, its terminal shows them there.
CREATE OR REPLACE FUNCTION execution_stop_is_of_another(
    p_old execution_position, p_new execution_position
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
            SELECT FROM execution_brokeraccount a
            WHERE a.id = p_new.account_id AND a.margin_mode = 'netting')
        AND EXISTS (
            SELECT FROM execution_position_shares(p_new.account_id, p_new.position_ticket) s
            WHERE s.entry_id NOT IN (0, coalesce(p_old.order_id, 0)))
        AND EXISTS (
            SELECT FROM execution_terminal t, jsonb_array_elements(t.positions::jsonb) told
            WHERE t.account_id = p_new.account_id
                AND told ->> 'position_ticket' = p_new.position_ticket::text
                AND ((told ->> 'sl')::numeric, (told ->> 'tp')::numeric)
                    IS NOT DISTINCT FROM (p_new.sl, p_new.tp))
$$;

-- What deals say changes with the next fold alone, the stop and target with an amend that is done.
CREATE OR REPLACE FUNCTION execution_position_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF ROW(NEW.account_id, NEW.position_ticket, NEW.instrument, NEW.broker_symbol)
            IS DISTINCT FROM
        ROW(OLD.account_id, OLD.position_ticket, OLD.instrument, OLD.broker_symbol)
        -- Its first opening deal came after another, or was told again with another order's number.
        OR (CASE WHEN OLD.order_id IS DISTINCT FROM NEW.order_id
            THEN NOT execution_position_is_as_ordered(NEW)
            ELSE ROW(NEW.strategy_id, NEW.decision_id, NEW.order_id, NEW.trade_ref, NEW.trace_id,
                     NEW.price_requested, NEW.ack_latency_ms)
                IS DISTINCT FROM
                ROW(OLD.strategy_id, OLD.decision_id, OLD.order_id, OLD.trade_ref, OLD.trace_id,
                    OLD.price_requested, OLD.ack_latency_ms) END) THEN
        RAISE EXCEPTION 'position %: what opened it is never changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_opening_is_frozen';
    END IF;
    IF NEW.fold_revision <> OLD.fold_revision + (
        ROW(NEW.side, NEW.volume_open_lots, NEW.volume_closed_lots, NEW.price_open,
            NEW.price_close, NEW.profit, NEW.swap, NEW.commission, NEW.fee, NEW.net,
            NEW.close_price_requested, NEW.risk_money, NEW.volume_base_lots, NEW.opened_at,
            NEW.closed_at, NEW.updated_at, NEW.volume_foreign_lots, NEW.net_foreign)
        IS DISTINCT FROM
        ROW(OLD.side, OLD.volume_open_lots, OLD.volume_closed_lots, OLD.price_open,
            OLD.price_close, OLD.profit, OLD.swap, OLD.commission, OLD.fee, OLD.net,
            OLD.close_price_requested, OLD.risk_money, OLD.volume_base_lots, OLD.opened_at,
            OLD.closed_at, OLD.updated_at, OLD.volume_foreign_lots, OLD.net_foreign))::integer THEN
        RAISE EXCEPTION 'position %: fold revision % may not follow %',
            OLD.id, NEW.fold_revision, OLD.fold_revision
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_fold_grows';
    END IF;
    IF ROW(NEW.sl, NEW.tp) IS DISTINCT FROM ROW(OLD.sl, OLD.tp)
        AND OLD.order_id IS NOT DISTINCT FROM NEW.order_id
        AND NOT execution_stop_is_tightened(OLD, NEW)
        AND NOT execution_stop_is_of_another(OLD, NEW) AND NOT EXISTS (
        SELECT FROM execution_order o
        WHERE o.trace_id = NEW.trace_id AND o.account_id = NEW.account_id
            AND o.position_ticket = NEW.position_ticket AND o.verb = 'amend' AND o.state = 'done'
            AND ROW(o.sl, o.tp) IS NOT DISTINCT FROM ROW(NEW.sl, NEW.tp)) THEN
        RAISE EXCEPTION 'position %: its stop is what an amend has set, or a tighter one', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_stop_is_amended';
    END IF;
    RETURN NEW;
END $$;
