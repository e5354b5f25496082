-- A position names what its opening order named, and starts at its first fold.
CREATE OR REPLACE FUNCTION execution_position_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.fold_revision <> 1 OR (CASE WHEN NEW.order_id IS NULL
        THEN num_nonnulls(NEW.decision_id, NEW.strategy_id) > 0
        ELSE NOT EXISTS (
            SELECT FROM execution_order o
            WHERE o.id = NEW.order_id AND o.account_id = NEW.account_id
                AND (o.decision_id, o.strategy_id, o.instrument, o.trace_id, o.trade_ref)
                    = (NEW.decision_id, NEW.strategy_id, NEW.instrument, NEW.trace_id,
                       NEW.trade_ref)) END) THEN
        RAISE EXCEPTION 'position %: it starts at fold revision 1 and as its order says',
            NEW.position_ticket
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_start_is_legal';
    END IF;
    RETURN NEW;
END $$;

-- What deals say changes with the next fold alone, the stop and target with an amend that is done.
CREATE OR REPLACE FUNCTION execution_position_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF ROW(NEW.account_id, NEW.position_ticket, NEW.strategy_id, NEW.decision_id, NEW.order_id,
           NEW.instrument, NEW.broker_symbol, NEW.trade_ref, NEW.trace_id, NEW.price_requested,
           NEW.ack_latency_ms)
       IS DISTINCT FROM
       ROW(OLD.account_id, OLD.position_ticket, OLD.strategy_id, OLD.decision_id, OLD.order_id,
           OLD.instrument, OLD.broker_symbol, OLD.trade_ref, OLD.trace_id, OLD.price_requested,
           OLD.ack_latency_ms) THEN
        RAISE EXCEPTION 'position %: what opened it is never changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_opening_is_frozen';
    END IF;
    IF NEW.fold_revision <> OLD.fold_revision + (
        ROW(NEW.side, NEW.volume_open_lots, NEW.volume_closed_lots, NEW.price_open,
            NEW.price_close, NEW.profit, NEW.swap, NEW.commission, NEW.fee, NEW.net,
            NEW.close_price_requested, NEW.risk_money, NEW.opened_at, NEW.closed_at,
            NEW.updated_at)
        IS DISTINCT FROM
        ROW(OLD.side, OLD.volume_open_lots, OLD.volume_closed_lots, OLD.price_open,
            OLD.price_close, OLD.profit, OLD.swap, OLD.commission, OLD.fee, OLD.net,
            OLD.close_price_requested, OLD.risk_money, OLD.opened_at, OLD.closed_at,
            OLD.updated_at))::integer THEN
        RAISE EXCEPTION 'position %: fold revision % may not follow %',
            OLD.id, NEW.fold_revision, OLD.fold_revision
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_fold_grows';
    END IF;
    IF ROW(NEW.sl, NEW.tp) IS DISTINCT FROM ROW(OLD.sl, OLD.tp) AND NOT EXISTS (
        SELECT FROM execution_order o
        WHERE o.trace_id = NEW.trace_id AND o.account_id = NEW.account_id
            AND o.position_ticket = NEW.position_ticket AND o.verb = 'amend' AND o.state = 'done'
            AND ROW(o.sl, o.tp) IS NOT DISTINCT FROM ROW(NEW.sl, NEW.tp)) THEN
        RAISE EXCEPTION 'position %: stop and target are what an amend has done', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_stop_is_amended';
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION execution_position_is_as_ordered(execution_position);
DROP FUNCTION execution_stop_is_tightened(execution_position, execution_position);
