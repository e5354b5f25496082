-- A drill sends faults on purpose and is counted apart, so nothing of it may ever be traded.
CREATE OR REPLACE FUNCTION execution_subscription_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF EXISTS (SELECT FROM signals_strategy s WHERE s.id = NEW.strategy_id AND s.is_drill) THEN
        RAISE EXCEPTION 'strategy % is a drill: no account follows it', NEW.strategy_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_subscription_no_drill';
    END IF;
    RETURN NEW;
END $$;
