-- Second road of the order rules: legal edges, frozen columns, a fence that only grows.
CREATE OR REPLACE FUNCTION execution_order_edge_is_legal(old_state text, new_state text)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (old_state, new_state) IN (
        ('staged', 'leased'), ('staged', 'cancelled'), ('staged', 'expired'),
        ('staged', 'partially_filled'), ('staged', 'filled'),
        ('leased', 'staged'), ('leased', 'acknowledged'), ('leased', 'working'),
        ('leased', 'partially_filled'), ('leased', 'cancel_requested'), ('leased', 'unknown'),
        ('leased', 'filled'), ('leased', 'done'), ('leased', 'rejected'), ('leased', 'cancelled'),
        ('acknowledged', 'staged'), ('acknowledged', 'working'),
        ('acknowledged', 'partially_filled'), ('acknowledged', 'cancel_requested'),
        ('acknowledged', 'unknown'), ('acknowledged', 'filled'), ('acknowledged', 'done'),
        ('acknowledged', 'rejected'), ('acknowledged', 'cancelled'),
        ('working', 'partially_filled'), ('working', 'cancel_requested'), ('working', 'unknown'),
        ('working', 'filled'), ('working', 'done'), ('working', 'rejected'),
        ('working', 'cancelled'), ('working', 'expired'),
        ('partially_filled', 'cancel_requested'), ('partially_filled', 'unknown'),
        ('partially_filled', 'filled'), ('partially_filled', 'done'),
        ('partially_filled', 'cancelled'),
        ('cancel_requested', 'filled'), ('cancel_requested', 'done'),
        ('cancel_requested', 'rejected'), ('cancel_requested', 'cancelled'),
        ('cancel_requested', 'expired'),
        ('unknown', 'staged'), ('unknown', 'acknowledged'), ('unknown', 'working'),
        ('unknown', 'partially_filled'), ('unknown', 'cancel_requested'), ('unknown', 'filled'),
        ('unknown', 'done'), ('unknown', 'rejected'), ('unknown', 'cancelled')
    )
$$;

CREATE OR REPLACE FUNCTION execution_order_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('staged', 'rejected') OR NEW.fence <> 0 THEN
            RAISE EXCEPTION 'an order starts staged or rejected with fence 0, was % with %',
                NEW.state, NEW.fence
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_start_is_legal';
        END IF;
        -- The second road of `made_for_paper` and `provenance_too_low` in `execution.risk.rules`.
        IF NEW.verb = 'entry' AND NEW.state = 'staged' AND EXISTS (
            SELECT FROM execution_brokeraccount a
                JOIN signals_decision d ON d.id = NEW.decision_id
                JOIN signals_alert l ON l.id = d.alert_id
                JOIN signals_strategy s ON s.id = d.strategy_id
                JOIN signals_strategypolicy p ON p.id = s.policy_id
            WHERE a.id = NEW.account_id AND a.book = 'live'
                AND (l.intent::jsonb ->> 'env' = 'paper' OR l.grade > p.live_grade_min)) THEN
            RAISE EXCEPTION 'decision %: its alert is not good for a live account', NEW.decision_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_live_alert_is_good';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT execution_order_edge_is_legal(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'order %: no edge from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_edge_is_legal';
    END IF;
    IF NEW.fence < OLD.fence
       OR (NEW.state = 'leased' AND OLD.state <> 'leased' AND NEW.fence <> OLD.fence + 1) THEN
        RAISE EXCEPTION 'order %: fence % may not follow %', OLD.id, NEW.fence, OLD.fence
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_fence_grows';
    END IF;
    IF ROW(NEW.id, NEW.decision_id, NEW.account_id, NEW.strategy_id, NEW.instrument,
           NEW.broker_symbol, NEW.trace_id, NEW.trade_ref, NEW.verb, NEW.side, NEW.order_type,
           NEW.volume_lots, NEW.limit_price, NEW.stop_price, NEW.sl, NEW.tp, NEW.ref_price,
           NEW.risk_money, NEW.position_ticket, NEW.waits_for_flat, NEW.valid_until, NEW.staged_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.decision_id, OLD.account_id, OLD.strategy_id, OLD.instrument,
           OLD.broker_symbol, OLD.trace_id, OLD.trade_ref, OLD.verb, OLD.side, OLD.order_type,
           OLD.volume_lots, OLD.limit_price, OLD.stop_price, OLD.sl, OLD.tp, OLD.ref_price,
           OLD.risk_money, OLD.position_ticket, OLD.waits_for_flat, OLD.valid_until, OLD.staged_at)
    THEN
        RAISE EXCEPTION 'order %: what was staged is never changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_instruction_is_frozen';
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION execution_order_frozen();
DROP FUNCTION execution_order_birth();
DROP FUNCTION execution_order_leaves(execution_order, signals_decision);
DROP FUNCTION execution_order_enters(execution_order, signals_decision);
