-- An incident is opened once, seen again one by one, and closed once. What is closed stays.
CREATE OR REPLACE FUNCTION incidents_incident_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL OR NEW.closed_by <> '' OR NEW.closing_note <> ''
            OR NEW.times_seen <> 1 THEN
            RAISE EXCEPTION 'an incident starts open and seen once'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'incidents_start_open';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.closed_at IS NOT NULL OR ROW(NEW.id, NEW.kind, NEW.subject, NEW.trace_id, NEW.opened_at)
        IS DISTINCT FROM ROW(OLD.id, OLD.kind, OLD.subject, OLD.trace_id, OLD.opened_at) THEN
        RAISE EXCEPTION 'incident %: what it was opened for stays, and what is closed', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.closed_at IS NULL
        AND (NEW.times_seen <> OLD.times_seen + 1 OR NEW.last_seen_at < OLD.last_seen_at
            OR NEW.closed_by <> '' OR NEW.closing_note <> '')
        OR NEW.closed_at IS NOT NULL
        AND (NEW.note, NEW.times_seen, NEW.last_seen_at)
            IS DISTINCT FROM (OLD.note, OLD.times_seen, OLD.last_seen_at) THEN
        RAISE EXCEPTION 'incident %: it is seen once more, or closed', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
