-- The second road of `signals/market/bars.py` and `services/bars.py`: a bar has closed, and a
-- correction is the next revision of what stands there.
CREATE OR REPLACE FUNCTION signals_bar_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_newest integer;
BEGIN
    IF NEW.close_at > events_now() + interval '30 seconds' THEN
        RAISE EXCEPTION 'a bar of % that closes at % is from the future', NEW.symbol, NEW.close_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_bar_has_closed';
    END IF;
    IF NEW.recorded_at > events_now() + interval '1 second'
        OR NEW.recorded_at < events_now() - interval '1 hour' THEN
        RAISE EXCEPTION 'a bar is recorded when it comes, not at %', NEW.recorded_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_bar_recorded_now';
    END IF;
    SELECT b.revision INTO v_newest FROM signals_bar b
        WHERE b.feed = NEW.feed AND b.symbol = NEW.symbol
            AND b.timeframe_seconds = NEW.timeframe_seconds AND b.open_at = NEW.open_at
        ORDER BY b.revision DESC LIMIT 1;
    IF NEW.revision <> coalesce(v_newest, 0) + 1 THEN
        RAISE EXCEPTION 'revision % of a bar does not follow revision %', NEW.revision,
            coalesce(v_newest, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_bar_revision_follows';
    END IF;
    RETURN NEW;
END $$;

-- Makes the partitions of this month and the next ones; returns how many. What is older than the
-- table, imported history, lies in the default one.
CREATE OR REPLACE FUNCTION signals_bar_partitions(p_months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN events_partitions_make('signals_bar', 'open_at', p_months);
END $$;
