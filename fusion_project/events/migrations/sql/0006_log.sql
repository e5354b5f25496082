-- The one door into the log: an event and what its handlers owe to it, in one call. It runs as the
-- owner: nobody else writes events, so nobody chooses the time or the transaction of one.
CREATE OR REPLACE FUNCTION events_record(
    p_name text, p_subject text, p_trace_id text, p_actor text, p_detail text, p_handlers text[]
) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    -- The transaction's number before the event's: the seal counts on this order.
    v_xid xid8 := pg_current_xact_id();
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
