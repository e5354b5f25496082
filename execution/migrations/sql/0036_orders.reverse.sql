-- Second road of the order rules: what an order is born from, its legal edges, frozen columns, a
-- fence that goes up by one.
CREATE OR REPLACE FUNCTION execution_order_edge_is_legal(old_state text, new_state text)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (old_state, new_state) IN (
        ('staged', 'leased'), ('staged', 'partially_filled'), ('staged', 'filled'),
        ('staged', 'cancelled'), ('staged', 'expired'), ('leased', 'staged'),
        ('leased', 'acknowledged'), ('leased', 'working'), ('leased', 'partially_filled'),
        ('leased', 'cancel_requested'), ('leased', 'unknown'), ('leased', 'filled'),
        ('leased', 'done'), ('leased', 'rejected'), ('leased', 'cancelled'), ('leased', 'expired'),
        ('acknowledged', 'staged'), ('acknowledged', 'working'),
        ('acknowledged', 'partially_filled'), ('acknowledged', 'cancel_requested'),
        ('acknowledged', 'unknown'), ('acknowledged', 'filled'), ('acknowledged', 'done'),
        ('acknowledged', 'rejected'), ('acknowledged', 'cancelled'), ('acknowledged', 'expired'),
        ('working', 'partially_filled'), ('working', 'cancel_requested'), ('working', 'unknown'),
        ('working', 'filled'), ('working', 'done'), ('working', 'rejected'),
        ('working', 'cancelled'), ('working', 'expired'), ('partially_filled', 'cancel_requested'),
        ('partially_filled', 'unknown'), ('partially_filled', 'filled'),
        ('partially_filled', 'done'), ('partially_filled', 'cancelled'),
        ('partially_filled', 'expired'), ('cancel_requested', 'filled'),
        ('cancel_requested', 'done'), ('cancel_requested', 'rejected'),
        ('cancel_requested', 'cancelled'), ('cancel_requested', 'expired'), ('unknown', 'staged'),
        ('unknown', 'acknowledged'), ('unknown', 'working'), ('unknown', 'partially_filled'),
        ('unknown', 'cancel_requested'), ('unknown', 'filled'), ('unknown', 'done'),
        ('unknown', 'rejected'), ('unknown', 'cancelled'), ('unknown', 'expired'),
        ('done', 'cancel_requested'), ('done', 'unknown'), ('done', 'filled'),
        ('rejected', 'cancel_requested'), ('rejected', 'filled'), ('rejected', 'done'),
        ('cancelled', 'cancel_requested'), ('cancelled', 'filled'),
        ('expired', 'cancel_requested'), ('expired', 'filled')
    )
$$;

-- What a staged entry may ask for: what its decision says, of an account that follows the strategy,
-- by the broker's name for it that a person confirmed. Its limits stand in `limits.sql`.
CREATE OR REPLACE FUNCTION execution_order_enters(
    p_order execution_order, p_decision signals_decision
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN p_decision.verb = 'entry' AND p_order.position_ticket = 0
        AND (p_order.instrument, p_order.side, p_order.trace_id, p_order.trade_ref)
            = (p_decision.instrument, p_decision.side, p_decision.trace_id, p_decision.trade_ref)
        AND p_order.valid_until = p_decision.valid_until
        AND EXISTS (
            SELECT FROM execution_brokeraccount a
                JOIN execution_subscription s ON s.account_id = a.id
                JOIN execution_symbolmap m ON m.account_id = a.id
            WHERE a.id = p_order.account_id AND s.strategy_id = p_order.strategy_id
                AND s.is_active AND m.confirmation_id IS NOT NULL
                AND (m.instrument, m.broker_symbol) = (p_order.instrument, p_order.broker_symbol));
END $$;

-- What a staged exit or amend may ask for: less of an open position of the strategy, or another
-- stop or target for it. On a netting account, where trades share a position, what theirs is. An
-- entry that waits is amended by `resting.sql`.
CREATE OR REPLACE FUNCTION execution_order_leaves(
    p_order execution_order, p_decision signals_decision
) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF p_order.target_order_id IS NOT NULL THEN
        RETURN execution_order_amends(p_order, p_decision);
    END IF;
    RETURN EXISTS (
        SELECT FROM execution_position p JOIN execution_brokeraccount a ON a.id = p.account_id
        WHERE p.account_id = p_order.account_id AND p.position_ticket = p_order.position_ticket
            AND p.closed_at IS NULL
            AND (p.instrument, p.broker_symbol) = (p_order.instrument, p_order.broker_symbol)
            AND CASE
                WHEN p_order.verb = 'amend' THEN p_decision.verb = 'amend'
                    AND p_order.side = p.side AND p_order.volume_lots = 0
                WHEN p_order.verb = 'exit' OR a.margin_mode = 'netting'
                    THEN p_decision.verb IN ('exit', 'close_all', 'partial_exit')
                ELSE p_decision.verb = p_order.verb END
            AND CASE WHEN p_order.verb <> 'amend' THEN p_order.side <> p.side
                -- While the broker closes and opens it anew, nothing is open.
                AND p_order.volume_lots <= coalesce(
                    nullif(p.volume_open_lots, 0), p.volume_base_lots) ELSE true END
            AND CASE
                WHEN p_order.verb <> 'amend' AND a.margin_mode = 'netting'
                    THEN execution_exit_takes_shares(p_order, p_decision)
                ELSE (p.strategy_id, p.trace_id, p.trade_ref)
                    = (p_order.strategy_id, p_order.trace_id, p_order.trade_ref) END);
END $$;

-- What lowers risk is asked again, one order after the other; an entry never is.
CREATE OR REPLACE FUNCTION execution_order_attempt_follows(p_order execution_order)
    RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT p_order.attempt = 1 OR p_order.verb <> 'entry' AND EXISTS (
        SELECT FROM execution_order o
        WHERE (o.account_id, o.position_ticket, o.attempt)
                = (p_order.account_id, p_order.position_ticket, p_order.attempt - 1)
            AND (o.decision_id, o.request_id) IS NOT DISTINCT FROM
                (p_order.decision_id, p_order.request_id)
            AND o.target_order_id IS NOT DISTINCT FROM p_order.target_order_id
            AND (execution_order_has_ended(o.state) OR o.state = 'unknown'))
$$;

-- The second road of `made_for_paper` and `provenance_too_low` in `execution.risk.rules`.
CREATE OR REPLACE FUNCTION execution_order_alert_is_good(
    p_account_id bigint, p_decision signals_decision
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT NOT EXISTS (
        SELECT FROM execution_brokeraccount a
            JOIN signals_alert l ON l.id = p_decision.alert_id
            JOIN signals_strategy s ON s.id = p_decision.strategy_id
            JOIN signals_strategypolicy p ON p.id = s.policy_id
        WHERE a.id = p_account_id AND a.book = 'live'
            AND (l.intent::jsonb ->> 'env' = 'paper' OR l.grade > p.live_grade_min))
$$;

-- An order is born from an approved decision or a person's request, staged or refused, with nothing
-- happened yet.
CREATE OR REPLACE FUNCTION execution_order_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_decision signals_decision;
BEGIN
    IF NEW.state NOT IN ('staged', 'rejected') OR (NEW.fence, NEW.filled_lots) <> (0, 0)
        OR (NEW.state = 'rejected') <> (NEW.ended_at IS NOT NULL)
        OR num_nonnulls(NEW.lease_until, NEW.lease_key_id, NEW.leased_at, NEW.acknowledged_at,
                NEW.retcode, NEW.closing_decision_id, NEW.closing_request_id) > 0
        OR NEW.instance <> '' THEN
        RAISE EXCEPTION 'an order starts staged or rejected with fence 0, was % with %',
            NEW.state, NEW.fence
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_start_is_legal';
    END IF;
    IF NOT execution_order_attempt_follows(NEW) THEN
        RAISE EXCEPTION 'decision %: attempt % follows none that is over', NEW.decision_id,
            NEW.attempt
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_attempt_follows';
    END IF;
    IF NEW.request_id IS NOT NULL THEN
        IF execution_order_closes(NEW) IS NOT TRUE THEN
            RAISE EXCEPTION 'request %: the order closes what it does not mean', NEW.request_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_closes_what_was_asked';
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO v_decision FROM signals_decision WHERE id = NEW.decision_id;
    IF v_decision.state IS DISTINCT FROM 'approved'
        OR v_decision.strategy_id <> NEW.strategy_id THEN
        RAISE EXCEPTION 'decision % is %: no order comes from it', NEW.decision_id, v_decision.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_is_decided';
    END IF;
    IF NEW.state = 'rejected' THEN
        RETURN NEW;
    END IF;
    IF (CASE NEW.verb WHEN 'entry' THEN execution_order_enters(NEW, v_decision)
            ELSE execution_order_leaves(NEW, v_decision) END) IS NOT TRUE THEN
        RAISE EXCEPTION 'decision %: the order asks for more than was decided', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_asks_what_was_decided';
    END IF;
    IF NEW.verb = 'entry' AND NOT execution_order_alert_is_good(NEW.account_id, v_decision) THEN
        RAISE EXCEPTION 'decision %: its alert is not good for a live account', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_live_alert_is_good';
    END IF;
    RETURN NEW;
END $$;

-- Along its edges alone, one fence a lease. Between two moves, and once it has ended, only late
-- deals and the decision that closes what they opened change it.
CREATE OR REPLACE FUNCTION execution_order_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_moves boolean := NEW.state <> OLD.state;
    v_is_leased boolean := v_moves AND NEW.state = 'leased';
BEGIN
    IF v_moves AND NOT execution_order_edge_is_legal(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'order %: no edge from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_edge_is_legal';
    END IF;
    IF NEW.fence <> OLD.fence + v_is_leased::integer THEN
        RAISE EXCEPTION 'order %: fence % may not follow %', OLD.id, NEW.fence, OLD.fence
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_fence_grows';
    END IF;
    IF v_is_leased AND NEW.needs_minor > (
        SELECT a.instance_minor FROM execution_brokeraccount a WHERE a.id = NEW.account_id) THEN
        RAISE EXCEPTION 'order %: it needs an executor of minor %', OLD.id, NEW.needs_minor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_read_whole';
    END IF;
    IF v_is_leased AND NEW.verb = 'entry'
        AND NOT execution_entry_may_go(NEW.account_id, NEW.strategy_id, NEW.instrument) THEN
        RAISE EXCEPTION 'order %: a switch stops its entry', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_switch_allows';
    END IF;
    IF v_is_leased AND NEW.target_order_id IS NOT NULL
        AND NOT execution_order_rests(NEW.target_order_id) THEN
        RAISE EXCEPTION 'order %: what it amends does not rest at the broker', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_target_rests';
    END IF;
    IF NOT v_moves AND ROW(NEW.reason, NEW.message, NEW.retcode, NEW.lease_until, NEW.lease_key_id,
            NEW.instance, NEW.leased_at, NEW.acknowledged_at, NEW.ended_at, NEW.state_at)
        IS DISTINCT FROM ROW(OLD.reason, OLD.message, OLD.retcode, OLD.lease_until,
            OLD.lease_key_id, OLD.instance, OLD.leased_at, OLD.acknowledged_at, OLD.ended_at,
            OLD.state_at) THEN
        RAISE EXCEPTION 'order % is %: without a move only deals change it', OLD.id, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_changes_when_it_moves';
    END IF;
    IF v_moves AND NEW.state = 'filled' AND NEW.filled_lots < NEW.volume_lots THEN
        RAISE EXCEPTION 'order %: % of % lots do not fill it', OLD.id, NEW.filled_lots,
            NEW.volume_lots
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_filled_by_deals';
    END IF;
    RETURN NEW;
END $$;

-- What was staged is never changed; what closes an entry is decided once.
CREATE OR REPLACE FUNCTION execution_order_frozen() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF ROW(NEW.id, NEW.decision_id, NEW.account_id, NEW.strategy_id, NEW.instrument,
           NEW.broker_symbol, NEW.trace_id, NEW.trade_ref, NEW.verb, NEW.side, NEW.order_type,
           NEW.volume_lots, NEW.limit_price, NEW.stop_price, NEW.sl, NEW.tp, NEW.ref_price,
           NEW.risk_money, NEW.position_ticket, NEW.waits_for_flat, NEW.valid_until, NEW.staged_at,
           NEW.needs_minor, NEW.tif, NEW.good_until, NEW.deviation_points, NEW.spread_points_max,
           NEW.sl_distance, NEW.sl_unit, NEW.tp_distance, NEW.tp_unit, NEW.attempt,
           NEW.target_order_id)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.decision_id, OLD.account_id, OLD.strategy_id, OLD.instrument,
           OLD.broker_symbol, OLD.trace_id, OLD.trade_ref, OLD.verb, OLD.side, OLD.order_type,
           OLD.volume_lots, OLD.limit_price, OLD.stop_price, OLD.sl, OLD.tp, OLD.ref_price,
           OLD.risk_money, OLD.position_ticket, OLD.waits_for_flat, OLD.valid_until, OLD.staged_at,
           OLD.needs_minor, OLD.tif, OLD.good_until, OLD.deviation_points, OLD.spread_points_max,
           OLD.sl_distance, OLD.sl_unit, OLD.tp_distance, OLD.tp_unit, OLD.attempt,
           OLD.target_order_id)
    THEN
        RAISE EXCEPTION 'order %: what was staged is never changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_instruction_is_frozen';
    END IF;
    IF NEW.closing_decision_id IS DISTINCT FROM OLD.closing_decision_id AND (
        OLD.closing_decision_id IS NOT NULL OR NOT EXISTS (
            SELECT FROM signals_decision d
            WHERE d.id = NEW.closing_decision_id AND d.strategy_id = NEW.strategy_id
                AND d.state = 'approved'
                AND d.verb IN ('exit', 'close_all', 'cancel', 'cancel_all'))) THEN
        RAISE EXCEPTION 'order %: what closes it is decided once', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_closed_by_decision';
    END IF;
    RETURN NEW;
END $$;
