-- Epochs of reserves: each follows the one before, and its leaves are those that it says.

-- What a statement says of each unit that is owed.
CREATE OR REPLACE FUNCTION tokens_reserves_owed(p_statement text)
    RETURNS TABLE (unit text, leaves bigint, sum numeric)
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT * FROM json_to_recordset(p_statement::json -> 'owed') AS one (
        unit text, leaves bigint, sum numeric)
$$;

-- An epoch follows the one before and holds its hash; its columns say what its text says.
CREATE OR REPLACE FUNCTION tokens_reserves_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_before tokens_reservesnapshot;
    v_told json := NEW.statement::json;
BEGIN
    SELECT * INTO v_before FROM tokens_reservesnapshot
        WHERE book = NEW.book ORDER BY epoch DESC LIMIT 1;
    IF NEW.epoch <> coalesce(v_before.epoch, 0) + 1
        OR NEW.previous <> coalesce(v_before.sha256, repeat('0', 64))
        OR v_told ->> 'previous' IS DISTINCT FROM NEW.previous
        OR v_told ->> 'book' IS DISTINCT FROM NEW.book
        OR v_told ->> 'epoch' IS DISTINCT FROM NEW.epoch::text
        OR (v_told ->> 'at')::timestamptz IS DISTINCT FROM NEW.at THEN
        RAISE EXCEPTION 'epoch % of the % book does not follow the one before', NEW.epoch, NEW.book
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_reserves_chain';
    END IF;
    RETURN NEW;
END $$;

-- A leaf has a place among those that its epoch counts, so none comes later.
CREATE OR REPLACE FUNCTION tokens_reserve_leaves_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT snapshot_id, unit, max(place) AS last FROM born GROUP BY snapshot_id, unit
        ) b JOIN tokens_reservesnapshot s ON s.id = b.snapshot_id
            LEFT JOIN LATERAL tokens_reserves_owed(s.statement) o ON o.unit = b.unit
        WHERE coalesce(o.leaves, 0) <= b.last) THEN
        RAISE EXCEPTION 'a leaf is not among those that its epoch counts'
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_reserve_leaf_counted';
    END IF;
    RETURN NULL;
END $$;

-- At commit an epoch owes something, and its leaves are as many and sum to what it says.
CREATE OR REPLACE FUNCTION tokens_reserves_whole() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF (
        SELECT count(*) = 0 OR bool_or((o.leaves, o.sum) IS DISTINCT FROM (l.leaves, l.sum))
        FROM tokens_reserves_owed(NEW.statement) o
            LEFT JOIN (
                SELECT unit, count(*) AS leaves, sum(amount) AS sum FROM tokens_reserveleaf
                WHERE snapshot_id = NEW.id GROUP BY unit
            ) l ON l.unit = o.unit) THEN
        RAISE EXCEPTION 'leaves of epoch % of the % book are not what it says', NEW.epoch, NEW.book
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_reserves_whole';
    END IF;
    RETURN NULL;
END $$;
