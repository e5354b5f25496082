-- The one door into the log: an event and what its handlers owe to it, in one call.
CREATE FUNCTION events_record(
    p_name text, p_subject text, p_trace_id text, p_actor text, p_detail text, p_handlers text[]
) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_now timestamptz := events_now();
    v_event bigint;
BEGIN
    INSERT INTO events_event (at, name, subject, trace_id, actor, detail)
        VALUES (v_now, p_name, p_subject, p_trace_id, p_actor, p_detail)
        RETURNING id INTO v_event;
    INSERT INTO events_handling (event_id, handler, due_at)
        SELECT v_event, handler, v_now FROM unnest(p_handlers) AS handler;
    RETURN v_event;
END $$;

-- A handling only moves forward: never undone, its fence never lowered.
CREATE FUNCTION events_handling_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF OLD.done_at IS NOT NULL THEN
        RAISE EXCEPTION 'handling % is done and stays done', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.attempts < OLD.attempts
        OR (NEW.event_id, NEW.handler) IS DISTINCT FROM (OLD.event_id, OLD.handler) THEN
        RAISE EXCEPTION 'handling % keeps its event, its handler and its fence', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_handling_moves_forward BEFORE UPDATE ON events_handling
    FOR EACH ROW EXECUTE FUNCTION events_handling_guard();
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_moves_forward;
CREATE TRIGGER events_handling_keeps_rows BEFORE DELETE ON events_handling
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_handling_keeps_table BEFORE TRUNCATE ON events_handling
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_keeps_rows;
ALTER TABLE events_handling ENABLE ALWAYS TRIGGER events_handling_keeps_table;
