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
    -- What a live account follows, and by which sizes, is wanted by two people; one ends it.
    IF NEW.is_active AND (TG_OP = 'INSERT'
            OR ROW(NEW.strategy_id, NEW.account_id, NEW.lots_default, NEW.size_mode, NEW.size_value,
                   NEW.deviation_points, NEW.spread_points_max, NEW.is_active, NEW.request_id)
                IS DISTINCT FROM
                ROW(OLD.strategy_id, OLD.account_id, OLD.lots_default, OLD.size_mode, OLD.size_value,
                    OLD.deviation_points, OLD.spread_points_max, OLD.is_active, OLD.request_id))
        AND second_person_wants(NEW.request_id, 'account.subscribe') IS NOT TRUE
        AND EXISTS (
            SELECT FROM execution_brokeraccount a
            WHERE a.id = NEW.account_id AND a.book = 'live') THEN
        RAISE EXCEPTION 'strategy %: two people must want that live account % follows it',
            NEW.strategy_id, NEW.account_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subscription_live_by_two';
    END IF;
    RETURN NEW;
END $$;
