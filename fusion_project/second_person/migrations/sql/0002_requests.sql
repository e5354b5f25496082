-- A request is asked now, confirmed once while it waits, and ended once. What was asked stays.
CREATE OR REPLACE FUNCTION second_person_request_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    -- Asked in the past it would have cooled off already.
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' OR NEW.ended_at IS NOT NULL OR NEW.outcome <> ''
            OR NEW.requester !~ '^user:'
            OR abs(extract(epoch FROM NEW.asked_at - events_now())) > 60 THEN
            RAISE EXCEPTION 'a request is asked by a person, now, and waits'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_starts_asked';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('asked', 'confirmed'), ('asked', 'withdrawn'), ('asked', 'lapsed'),
        ('confirmed', 'done'), ('confirmed', 'refused'), ('confirmed', 'withdrawn'),
        ('confirmed', 'lapsed')) THEN
        RAISE EXCEPTION 'request %: no edge from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_edge_is_legal';
    END IF;
    IF ROW(NEW.id, NEW.kind, NEW.subject, NEW.trace_id, NEW.payload, NEW.payload_sha256, NEW.words,
           NEW.reason, NEW.requester, NEW.rule, NEW.asked_at, NEW.lapses_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.kind, OLD.subject, OLD.trace_id, OLD.payload, OLD.payload_sha256, OLD.words,
           OLD.reason, OLD.requester, OLD.rule, OLD.asked_at, OLD.lapses_at)
       OR OLD.confirmed_at IS NOT NULL
       AND (NEW.confirmed_by, NEW.confirmed_at) <> (OLD.confirmed_by, OLD.confirmed_at) THEN
        RAISE EXCEPTION 'request %: what was asked and who confirmed it stays', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'confirmed' AND (NEW.confirmed_by !~ '^user:'
        OR abs(extract(epoch FROM NEW.confirmed_at - events_now())) > 60) THEN
        RAISE EXCEPTION 'request %: it is confirmed by a person, now', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_confirmed_now';
    END IF;
    IF NEW.state IN ('done', 'refused') AND events_now() > OLD.lapses_at + interval '1 minute' THEN
        RAISE EXCEPTION 'request %: it has lapsed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_done_in_time';
    END IF;
    RETURN NEW;
END $$;

-- What later apps' tables ask: whether two people want this, and it is not done yet or just now.
CREATE OR REPLACE FUNCTION second_person_wants(p_request_id bigint, p_kind text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT FROM second_person_request r
        WHERE r.id = p_request_id AND r.kind = p_kind AND r.state = 'confirmed'
    )
$$;
