-- The second road of `stop_required` in `execution.risk.rules`: an entry without a stop is staged
-- only where the strategy's policy in force says that a stop is optional.
CREATE OR REPLACE FUNCTION execution_order_stop_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    -- NaN is above every number to Postgres.
    IF NEW.verb = 'entry' AND NEW.state = 'staged'
        AND (coalesce(NEW.sl, 0) <= 0 OR NEW.sl = 'NaN') AND NOT EXISTS (
        SELECT FROM signals_decision d
            JOIN signals_strategy s ON s.id = d.strategy_id
            JOIN signals_strategypolicy p ON p.id = s.policy_id
        WHERE d.id = NEW.decision_id AND p.stop = 'optional') THEN
        RAISE EXCEPTION 'decision %: an entry of its strategy must name a stop', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_entry_has_stop';
    END IF;
    RETURN NEW;
END $$;
