-- Whether two accounts follow other strategies, or the same with other lots, sizes or limits.
CREATE OR REPLACE FUNCTION execution_twin_differs(p_account_id bigint, p_live_id bigint)
    RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH following AS (
        SELECT s.account_id, s.strategy_id, s.lots_default, s.size_mode, s.size_value,
            s.deviation_points, s.spread_points_max
        FROM execution_subscription s
        WHERE s.is_active AND s.account_id IN (p_account_id, p_live_id)
    )
    SELECT EXISTS (
        SELECT FROM following f
        GROUP BY f.strategy_id, f.lots_default, f.size_mode, f.size_value, f.deviation_points,
            f.spread_points_max
        HAVING count(*) <> 2)
$$;

-- A paper account is the twin of a live one in the same money and with the same kind of positions.
CREATE OR REPLACE FUNCTION execution_twin_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM execution_brokeraccount a
        JOIN execution_brokeraccount live ON live.id = NEW.live_id
        WHERE a.id = NEW.account_id AND a.book = 'paper' AND live.book = 'live'
            AND a.currency = live.currency AND a.margin_mode = live.margin_mode)
        OR NEW.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'account % cannot be the paper twin of %', NEW.account_id, NEW.live_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_twin_fits';
    END IF;
    RETURN NEW;
END $$;

-- It is ended once, and never becomes another.
CREATE OR REPLACE FUNCTION execution_twin_end() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
        OR (NEW.id, NEW.account_id, NEW.live_id, NEW.began_at, NEW.actor)
        IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.live_id, OLD.began_at, OLD.actor) THEN
        RAISE EXCEPTION 'twin % is ended once and never changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_twin_ends_once';
    END IF;
    RETURN NEW;
END $$;

-- At commit a twin follows what its live account follows. Two that commit together look one after
-- the other: each holds the rows of the accounts that it is about.
CREATE OR REPLACE FUNCTION execution_twin_follows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_twin execution_twin;
    v_live_id bigint := (to_jsonb(NEW) ->> 'live_id')::bigint;
BEGIN
    PERFORM FROM execution_brokeraccount a
        WHERE a.id IN (NEW.account_id, v_live_id) ORDER BY a.id FOR NO KEY UPDATE;
    FOR v_twin IN
        SELECT t.* FROM execution_twin t
        WHERE t.ended_at IS NULL AND NEW.account_id IN (t.account_id, t.live_id)
    LOOP
        IF execution_twin_differs(v_twin.account_id, v_twin.live_id) THEN
            RAISE EXCEPTION 'account % is the twin of %, and does not follow the same',
                v_twin.account_id, v_twin.live_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_twin_follows_the_same';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
