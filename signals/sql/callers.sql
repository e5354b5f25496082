-- Counts `p_count` requests of a peer in its window of a minute. Returns 0 where they are within
-- the limit, else the seconds until the window ends. One atomic statement: of any number at once,
-- exactly `p_limit` pass.
CREATE OR REPLACE FUNCTION signals_peer_take(p_peer text, p_count integer, p_limit integer)
    RETURNS integer
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
    -- Who waited for the row may have looked at the clock before its window began.
    RETURN least(greatest(ceil(extract(epoch FROM v_start + interval '1 minute' - v_now)), 1), 60);
END $$;

-- Requests without a valid secret: counted by peer and by the minute, the first 100 of a minute
-- sampled. Returns the seconds that the peer must wait, 0 where it is within its limit. They need
-- no durable commit, so they do not wait for the disk.
CREATE OR REPLACE FUNCTION signals_unknown_caller(
    p_body_start bytea, p_size_bytes integer, p_content_type text, p_peer text,
    p_limit_key text, p_count integer, p_limit integer
) RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_now timestamptz := events_now();
    v_wait integer := signals_peer_take(p_limit_key, p_count, p_limit);
    v_seen integer;
BEGIN
    INSERT INTO signals_unknowncallerminute (minute, seen)
        VALUES (date_trunc('minute', v_now), p_count)
        ON CONFLICT (minute) DO UPDATE
            SET seen = least(signals_unknowncallerminute.seen::bigint + p_count, 2000000000)
        RETURNING seen INTO v_seen;
    IF v_seen <= 100 AND v_wait = 0 THEN
        INSERT INTO signals_unknowncallersample (at, peer, content_type, size_bytes, body_start)
            VALUES (v_now, p_peer, p_content_type, p_size_bytes, substring(p_body_start FOR 1024));
    END IF;
    RETURN v_wait;
END $$;
