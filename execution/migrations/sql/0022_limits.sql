-- Second road of the limits: what a version may follow, and what an entry is born within.
-- `execution.risk.limits` says the same of two bounds.
CREATE OR REPLACE FUNCTION execution_limit_is_looser(p_name text, p_old numeric, p_new numeric)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE
        WHEN p_old IS NULL THEN false
        WHEN p_new IS NULL THEN true
        WHEN p_name LIKE '%\_min' THEN p_new < p_old
        ELSE p_new > p_old END
$$;

-- The newest version of each limit that holds for an entry. What an account was made with stands
-- where it has no version of its own.
CREATE OR REPLACE FUNCTION execution_limits_in_force(
    p_account_id bigint, p_strategy_id bigint, p_instrument text
) RETURNS TABLE (scope text, name text, value numeric)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH newest AS (
        SELECT DISTINCT ON (l.scope, l.name) l.scope, l.name, l.value
        FROM execution_risklimit l
        WHERE l.scope = 'all' OR l.account_id = p_account_id OR l.strategy_id = p_strategy_id
            OR (l.scope = 'instrument' AND l.instrument = p_instrument)
        ORDER BY l.scope, l.name, l.version DESC)
    SELECT n.scope::text, n.name::text, n.value FROM newest n WHERE n.value IS NOT NULL
    UNION ALL
    SELECT 'account', made.name, made.value
    FROM execution_brokeraccount a, LATERAL (VALUES
        ('order_lots_max', a.order_lots_max), ('open_lots_max', a.open_lots_max),
        ('entries_per_minute_max', a.entries_per_minute_max::numeric)) AS made (name, value)
    WHERE a.id = p_account_id AND NOT EXISTS (
        SELECT FROM newest n WHERE n.scope = 'account' AND n.name = made.name)
$$;

-- What is open or may still open in a scope of the entry's account, the entry left out.
CREATE OR REPLACE FUNCTION execution_limit_standing(
    p_scope text, p_order execution_order,
    OUT lots numeric, OUT positions bigint, OUT entries bigint
)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT held.lots + waiting.lots, held.positions + waiting.positions, recent.entries
    FROM
        (SELECT coalesce(sum(p.volume_open_lots), 0) AS lots, count(*) AS positions
            FROM execution_position p
            WHERE p.account_id = p_order.account_id AND p.closed_at IS NULL
                AND (p_scope <> 'strategy' OR p.strategy_id = p_order.strategy_id)
                AND (p_scope <> 'instrument' OR p.instrument = p_order.instrument)) AS held,
        (SELECT coalesce(sum(o.volume_lots - o.filled_lots), 0) AS lots,
                count(*) FILTER (WHERE o.filled_lots = 0) AS positions
            FROM execution_order o
            WHERE o.account_id = p_order.account_id AND o.verb = 'entry'
                AND NOT execution_order_has_ended(o.state)
                AND (p_scope <> 'strategy' OR o.strategy_id = p_order.strategy_id)
                AND (p_scope <> 'instrument' OR o.instrument = p_order.instrument)) AS waiting,
        (SELECT count(*) AS entries
            FROM execution_order o
            WHERE o.account_id = p_order.account_id AND o.verb = 'entry'
                AND o.staged_at > p_order.staged_at - interval '60 seconds'
                AND o.state <> 'rejected'
                AND (p_scope <> 'strategy' OR o.strategy_id = p_order.strategy_id)
                AND (p_scope <> 'instrument' OR o.instrument = p_order.instrument)) AS recent
$$;

-- A version follows the newest of its scope. One that allows more, and the first of a live account,
-- which takes no entry without it, name the request that a second person confirmed.
CREATE OR REPLACE FUNCTION execution_limit_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_before execution_risklimit;
    v_is_first_of_live boolean;
BEGIN
    SELECT * INTO v_before FROM execution_risklimit l
        WHERE (l.scope, l.instrument, l.name) = (NEW.scope, NEW.instrument, NEW.name)
            AND l.account_id IS NOT DISTINCT FROM NEW.account_id
            AND l.strategy_id IS NOT DISTINCT FROM NEW.strategy_id
        ORDER BY l.version DESC LIMIT 1;
    IF NEW.version <> coalesce(v_before.version, 0) + 1 THEN
        RAISE EXCEPTION 'limit %: version % may not follow %', NEW.name, NEW.version,
            v_before.version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'limit_version_grows';
    END IF;
    v_is_first_of_live := v_before.id IS NULL AND EXISTS (
        SELECT FROM execution_brokeraccount a WHERE a.id = NEW.account_id AND a.book = 'live');
    IF second_person_wants(NEW.request_id, 'limits.raise') IS NOT TRUE AND (
        v_is_first_of_live OR execution_limit_is_looser(NEW.name, v_before.value, NEW.value)) THEN
        RAISE EXCEPTION 'limit %: a second person confirms that it becomes %', NEW.name, NEW.value
            USING ERRCODE = 'check_violation', CONSTRAINT = 'limit_raise_is_confirmed';
    END IF;
    RETURN NEW;
END $$;

-- Counted under the account's lock, also where nobody has taken it.
CREATE OR REPLACE FUNCTION execution_order_limits_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_limit record;
    v_has record;
    v_value numeric;
BEGIN
    IF NEW.verb <> 'entry' OR NEW.state <> 'staged' THEN
        RETURN NEW;
    END IF;
    PERFORM FROM execution_brokeraccount WHERE id = NEW.account_id FOR NO KEY UPDATE;
    FOR v_limit IN SELECT * FROM execution_limits_in_force(
            NEW.account_id, NEW.strategy_id, NEW.instrument)
        WHERE name IN ('order_lots_max', 'open_lots_max', 'open_positions_max',
            'entries_per_minute_max')
    LOOP
        SELECT * INTO v_has FROM execution_limit_standing(v_limit.scope, NEW);
        v_value := CASE v_limit.name
            WHEN 'order_lots_max' THEN NEW.volume_lots
            WHEN 'open_lots_max' THEN v_has.lots + NEW.volume_lots
            WHEN 'open_positions_max' THEN v_has.positions + 1
            ELSE v_has.entries + 1 END;
        IF v_value > v_limit.value THEN
            RAISE EXCEPTION 'decision %: % would be %, bound % (%)', NEW.decision_id, v_limit.name,
                v_value, v_limit.value, v_limit.scope
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_within_limits';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
