-- The second road of `services/news_files.py`: an event is told when it comes, and what moved or
-- was called off is the next revision of what stands there.
CREATE OR REPLACE FUNCTION signals_newsevent_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_newest integer;
BEGIN
    IF abs(extract(epoch FROM NEW.recorded_at - events_now())) > 3600 THEN
        RAISE EXCEPTION 'an event is recorded when it comes, not at %', NEW.recorded_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_newsevent_recorded_now';
    END IF;
    SELECT max(n.revision) INTO v_newest FROM signals_newsevent n
        WHERE n.calendar = NEW.calendar AND n.key = NEW.key;
    IF NEW.revision <> coalesce(v_newest, 0) + 1 THEN
        RAISE EXCEPTION 'revision % of an event does not follow revision %', NEW.revision,
            coalesce(v_newest, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_newsevent_revision_follows';
    END IF;
    RETURN NEW;
END $$;
