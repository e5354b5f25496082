-- The seal of a log (ADR 0011): what is final is hashed into a tree, batch by batch, and each batch
-- holds the hash of the one before. A log `x` shows its rows in the view `x_sealable` (id, at, xid,
-- cluster, leaf); everything else about sealing stands here, once for all logs.

-- The server's own number: transactions of another server, before a restore, are all over.
-- No SET clause, so that the planner takes it in.
CREATE OR REPLACE FUNCTION events_cluster() RETURNS bigint
    LANGUAGE sql VOLATILE
    RETURN (pg_catalog.pg_control_system()).system_identifier;

-- Canonical fields: <octets>:<text>, a null is "-", so no two records share bytes.
CREATE OR REPLACE FUNCTION events_field(p_value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(octet_length(p_value)::text || ':' || p_value, '-') $$;

CREATE OR REPLACE FUNCTION events_microseconds(p_at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT trunc(extract(epoch FROM p_at) * 1000000)::bigint::text $$;

-- The bytes that are hashed for an event, its further traces included.
CREATE OR REPLACE FUNCTION events_leaf_bytes(p_event events_event) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT '\x00'::bytea || convert_to(
        events_field('df.event.v1') || events_field(p_event.id::text)
        || events_field(events_microseconds(p_event.at)) || events_field(p_event.name)
        || events_field(p_event.subject) || events_field(p_event.trace_id)
        || events_field(p_event.actor) || events_field(p_event.detail)
        || events_field(count(*)::text)
        || coalesce(string_agg(
            events_field(link.trace_id), '' ORDER BY link.trace_id COLLATE "C"), ''), 'UTF8')
    FROM events_eventlink link WHERE link.event_id = p_event.id
$$;

-- The hash that a batch is known by; the next batch holds it.
CREATE OR REPLACE FUNCTION events_seal_hash(
    p_log text, p_n bigint, p_at timestamptz, p_count integer, p_root bytea, p_previous bytea
) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT sha256('\x02'::bytea || convert_to(
        events_field('df.seal.v1') || events_field(p_log) || events_field(p_n::text)
        || events_field(events_microseconds(p_at)) || events_field(p_count::text)
        || events_field(encode(p_root, 'hex')) || events_field(encode(p_previous, 'hex')), 'UTF8'))
$$;

-- No row up to this number can still come: all of them are sealed, or were rolled back.
CREATE OR REPLACE FUNCTION events_seal_floor(p_log text) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(
        (SELECT floor_id FROM events_sealbatch WHERE log = p_log ORDER BY n DESC LIMIT 1), 0)
$$;

-- Rows that are final and not sealed yet, in the order of their numbers. Final: written by a
-- transaction that is over and before which none is still open, so nothing is passed by.
CREATE OR REPLACE FUNCTION events_seal_next(p_log text, p_limit integer)
    RETURNS TABLE (next_id bigint, next_leaf bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    -- One sealer at a time; the next statement sees what the one before has sealed.
    LOCK TABLE events_sealbatch IN SHARE ROW EXCLUSIVE MODE;
    RETURN QUERY EXECUTE format(
        'SELECT s.id, s.leaf FROM %I s WHERE s.id > $1
            AND (s.cluster <> $2
                OR s.xid < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint))
            AND NOT EXISTS (
                SELECT FROM events_sealleaf l WHERE l.log = $3 AND l.row_id = s.id)
        ORDER BY s.id LIMIT $4', p_log || '_sealable')
        USING events_seal_floor(p_log), events_cluster(), p_log, p_limit;
END $$;

-- Since when the oldest row waits for its seal; null where none does.
CREATE OR REPLACE FUNCTION events_seal_waits_since(p_log text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_at timestamptz;
BEGIN
    EXECUTE format(
        'SELECT s.at FROM %I s WHERE s.id > $1 AND NOT EXISTS (
            SELECT FROM events_sealleaf l WHERE l.log = $2 AND l.row_id = s.id)
        ORDER BY s.id LIMIT 1', p_log || '_sealable')
        INTO v_at USING events_seal_floor(p_log), p_log;
    RETURN v_at;
END $$;

-- The floor after rows were sealed, as the snapshot `p_snapshot` shows it. An earlier sealer first
-- saw `seen_id` and then got its own transaction id, so one with a higher id writes higher numbers
-- (`events_record` asks for the transaction's first). Once all up to that id are over, no number up
-- to `seen_id` can come; what came lies below the first row that is not sealed.
CREATE OR REPLACE FUNCTION events_seal_floor_next(p_log text, p_snapshot pg_snapshot) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_floor bigint := events_seal_floor(p_log);
    v_cluster bigint := events_cluster();
    v_over bigint := pg_snapshot_xmin(p_snapshot)::text::bigint;
    v_open bigint;
    v_seen bigint;
BEGIN
    SELECT seen_id INTO v_seen FROM events_sealbatch
        WHERE log = p_log AND cluster = v_cluster AND xid < v_over ORDER BY n DESC LIMIT 1;
    IF v_seen IS NULL THEN
        RETURN v_floor;
    END IF;
    EXECUTE format(
        'SELECT s.id FROM %I s WHERE s.id > $1 AND (s.cluster <> $2 OR s.xid < $3)
            AND NOT EXISTS (SELECT FROM events_sealleaf l WHERE l.log = $4 AND l.row_id = s.id)
        ORDER BY s.id LIMIT 1', p_log || '_sealable')
        INTO v_open USING v_floor, v_cluster, v_over, p_log;
    RETURN greatest(v_floor, least(v_open - 1, v_seen));
END $$;

-- The one door to a seal: rows by their numbers, and the root over their leaves in this order.
-- Leaves and the chain are made here; rows that are not final, not there or sealed are refused.
CREATE OR REPLACE FUNCTION events_seal_append(p_log text, p_ids bigint[], p_root bytea)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_n bigint := 1;
    v_previous bytea := decode(repeat('00', 32), 'hex');
    v_at timestamptz := events_now();
    v_snapshot pg_snapshot;
    v_seen bigint;
    v_is_begun boolean := pg_current_xact_id_if_assigned() IS NOT NULL;
    v_xid bigint;
    v_count integer;
BEGIN
    LOCK TABLE events_sealbatch IN SHARE ROW EXCLUSIVE MODE;
    SELECT n + 1, hash INTO v_n, v_previous
        FROM (SELECT 0 AS n, v_previous AS hash
            UNION ALL SELECT n, hash FROM events_sealbatch WHERE log = p_log) b
        ORDER BY n DESC LIMIT 1;
    EXECUTE format('SELECT pg_current_snapshot(), max(id) FROM %I', p_log || '_sealable')
        INTO v_snapshot, v_seen;
    v_xid := pg_current_xact_id()::text::bigint;

    EXECUTE format(
        'INSERT INTO events_sealleaf (log, n, position, row_id, sha256)
            SELECT $1, $2, one.ord - 1, s.id, s.leaf
            FROM unnest($3) WITH ORDINALITY AS one (id, ord) JOIN %I s ON s.id = one.id
            WHERE s.cluster <> $4 OR s.xid < $5', p_log || '_sealable')
        USING p_log, v_n, p_ids, events_cluster(), pg_snapshot_xmin(v_snapshot)::text::bigint;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> cardinality(p_ids) THEN
        RAISE EXCEPTION '% of % rows of % are not final',
            cardinality(p_ids) - v_count, cardinality(p_ids), p_log
            USING ERRCODE = '23514', CONSTRAINT = 'events_sealleaf_final';
    END IF;
    INSERT INTO events_sealbatch
            (log, n, sealed_at, count, root, previous, hash, cluster, xid, seen_id, floor_id)
        VALUES (p_log, v_n, v_at, v_count, p_root, v_previous,
            events_seal_hash(p_log, v_n, v_at, v_count, p_root, v_previous), events_cluster(),
            v_xid, CASE WHEN v_is_begun THEN 0 ELSE v_seen END,
            events_seal_floor_next(p_log, v_snapshot));
    RETURN v_n;
END $$;
