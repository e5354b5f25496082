-- What Django does not see: the partitioned deliveries, JSON shapes, and the table of the limits.
ALTER TABLE signals_delivery
    ADD COLUMN sent_at timestamptz,
    ADD COLUMN grade varchar(1) NOT NULL DEFAULT 'D',
    ADD COLUMN provenance varchar(80) NOT NULL DEFAULT '',
    -- The instrument asked for last, or the chart symbol of a bar: which alert it was that fired.
    ADD COLUMN fired_by varchar(64) NOT NULL DEFAULT '',
    ADD CONSTRAINT signals_delivery_grade_known CHECK (grade = ANY ('{A,B,C,D}'));

-- The second road of `signals.dialects.defaults.defaults_check`, as far as the keys go.
ALTER TABLE signals_strategy
    ADD CONSTRAINT signals_strategy_defaults_known CHECK (
        CASE jsonb_typeof(defaults) WHEN 'object' THEN
            defaults - ARRAY['size', 'sl', 'tp', 'size_unit', 'target_unit', 'entry_unit',
                'timeframe'] = '{}'
        ELSE false END),
    ADD CONSTRAINT signals_strategy_dialects_list CHECK (jsonb_typeof(dialects) = 'array');

-- Counts for limits may be lost in a crash and need not reach the disk.
ALTER TABLE signals_peerwindow SET UNLOGGED;

-- Counts `p_count` requests of a peer in its window of a minute. Returns 0 where they are within
-- the limit, else the seconds until the window ends. One atomic statement: of any number at once,
-- exactly `p_limit` pass.
CREATE FUNCTION signals_peer_take(p_peer text, p_count integer, p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_now timestamptz := events_now();
    v_seen integer;
    v_start timestamptz;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO signals_peerwindow AS w (peer, started_at, seen) VALUES (p_peer, v_now, p_count)
        ON CONFLICT (peer) DO UPDATE SET
            seen = CASE WHEN w.started_at > v_now - interval '1 minute'
                THEN least(w.seen::bigint + p_count, 1000000000) ELSE p_count END,
            started_at = CASE WHEN w.started_at > v_now - interval '1 minute'
                THEN w.started_at ELSE v_now END
        RETURNING seen, started_at INTO v_seen, v_start;
    IF v_seen <= p_limit THEN
        RETURN 0;
    END IF;
    RETURN greatest(ceil(extract(epoch FROM v_start + interval '1 minute' - v_now)), 1);
END $$;
