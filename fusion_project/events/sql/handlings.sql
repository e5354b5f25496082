-- A handling only moves forward: never undone, its fence raised by one claim at a time.
CREATE OR REPLACE FUNCTION events_handling_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF OLD.done_at IS NOT NULL THEN
        RAISE EXCEPTION 'handling % is done and stays done', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.attempts NOT IN (OLD.attempts, OLD.attempts + 1)
        OR (NEW.event_id, NEW.handler) IS DISTINCT FROM (OLD.event_id, OLD.handler) THEN
        RAISE EXCEPTION 'handling % keeps its event, its handler and its fence', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
