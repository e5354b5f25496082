-- Second road of `signals.intents.plan_checks`: no decision bears a plan that cannot be meant.
CREATE OR REPLACE FUNCTION signals_plan_numbers_hold(p_told jsonb, p_kinds text[])
    RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(bool_and(CASE
        WHEN jsonb_typeof(one -> 'value') IS DISTINCT FROM 'string'
            OR one ->> 'value' !~ '^[0-9]{1,14}(\.[0-9]{1,10})?$' THEN false
        ELSE (one ->> 'value')::numeric > 0 AND one ->> 'kind' = ANY (p_kinds)
            AND (one ->> 'share' IS NULL OR one ->> 'share' ~ '^[0-9]{1,3}(\.[0-9]{1,10})?$')
        END), true) AND count(DISTINCT one ->> 'kind') <= 1
    FROM jsonb_array_elements(p_told) one
$$;

-- The distances of a rule as an array, those that it says.
CREATE OR REPLACE FUNCTION signals_plan_distances(p_rule jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(jsonb_agg(told.value), '[]')
    FROM jsonb_each(CASE jsonb_typeof(p_rule) WHEN 'object' THEN p_rule ELSE '{}' END) told
$$;

CREATE OR REPLACE FUNCTION signals_plan_seconds_hold(p_told jsonb, p_most integer)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE WHEN p_told IS NULL THEN true
        WHEN jsonb_typeof(p_told) <> 'number' OR p_told #>> '{}' !~ '^[0-9]{1,7}$' THEN false
        ELSE (p_told #>> '{}')::integer BETWEEN 1 AND p_most END
$$;

-- Targets: five at most, with shares of 100 together, each beyond the one before it, the first
-- beyond stop and price where these are told as prices.
CREATE OR REPLACE FUNCTION signals_plan_targets_fault(p_leg jsonb, p_targets jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_up numeric := CASE WHEN p_leg ->> 'side' = 'sell'
        AND p_targets #>> '{0,kind}' = 'price' THEN -1 ELSE 1 END;
    v_first numeric;
BEGIN
    IF jsonb_array_length(p_targets) NOT BETWEEN 1 AND 5 THEN
        RETURN 'plan_targets';
    END IF;
    IF NOT signals_plan_numbers_hold(p_targets, ARRAY['price', 'points', 'pips', 'percent']) THEN
        RETURN 'plan_units';
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(p_targets) one
            WHERE coalesce((one ->> 'share')::numeric, 0) <= 0)
        OR (SELECT sum((one ->> 'share')::numeric) FROM jsonb_array_elements(p_targets) one) > 100
    THEN
        RETURN 'plan_shares';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT (one ->> 'value')::numeric * v_up AS far,
                lag((one ->> 'value')::numeric * v_up) OVER (ORDER BY n) AS near
            FROM jsonb_array_elements(p_targets) WITH ORDINALITY t (one, n)) ladder
        WHERE near >= far) THEN
        RETURN 'plan_target_order';
    END IF;
    IF p_leg ? 'tp' THEN
        RETURN 'plan_two_targets';
    END IF;
    v_first := (p_targets #>> '{0,value}')::numeric * v_up;
    IF p_targets #>> '{0,kind}' = 'price' AND (
        p_leg #>> '{sl,kind}' = 'price' AND (p_leg #>> '{sl,value}')::numeric * v_up >= v_first
        OR coalesce(p_leg ->> 'limit_price', p_leg ->> 'stop_price')::numeric * v_up >= v_first)
    THEN
        RETURN 'plan_stop_beyond_target';
    END IF;
    RETURN '';
END $$;

-- Distances, steps and times of each rule.
CREATE OR REPLACE FUNCTION signals_plan_rules_fault(p_plan jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_away text[] := ARRAY['points', 'pips', 'percent'];
BEGIN
    IF NOT (signals_plan_numbers_hold(signals_plan_distances(p_plan -> 'trailing'), v_away)
        AND signals_plan_numbers_hold(signals_plan_distances(p_plan -> 'break_even'), v_away)
        AND signals_plan_numbers_hold(jsonb_build_array(
            coalesce(p_plan -> 'entry_distance', '{"kind": "points", "value": "1"}')), v_away)
        AND signals_plan_numbers_hold(jsonb_build_array(
            coalesce(p_plan -> 'spread', '{"kind": "points", "value": "1"}')),
            ARRAY['points', 'pips'])) THEN
        RETURN 'plan_units';
    END IF;
    IF p_plan ? 'trailing' AND (p_plan #> '{trailing,distance}' IS NULL
        OR (p_plan #>> '{trailing,step,value}')::numeric
            > (p_plan #>> '{trailing,distance,value}')::numeric)
        OR NOT signals_plan_seconds_hold(p_plan -> 'time_exit_seconds', 2678400)
        OR p_plan ? 'delay' AND (p_plan #> '{delay,seconds}' IS NULL
            OR p_plan #> '{delay,expires_seconds}' IS NULL
            OR NOT signals_plan_seconds_hold(p_plan #> '{delay,seconds}', 3600)
            OR NOT signals_plan_seconds_hold(p_plan #> '{delay,expires_seconds}', 3600)) THEN
        RETURN 'plan_absurd';
    END IF;
    IF p_plan ? 'break_even' AND (p_plan #> '{break_even,trigger}' IS NULL
        OR (p_plan #>> '{break_even,offset,value}')::numeric
            >= (p_plan #>> '{break_even,trigger,value}')::numeric) THEN
        RETURN 'plan_break_even';
    END IF;
    RETURN '';
END $$;

-- The first reason against the plan of a leg, '' where there is none; without a plan there is none.
CREATE OR REPLACE FUNCTION signals_plan_fault(p_leg jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_plan jsonb := p_leg -> 'plan';
    v_fault text;
BEGIN
    IF v_plan IS NULL THEN
        RETURN '';
    END IF;
    IF p_leg ->> 'event' IS DISTINCT FROM 'entry' THEN
        RETURN 'plan_misplaced';
    END IF;
    IF jsonb_typeof(v_plan) <> 'object' OR v_plan = '{}'
        OR v_plan - ARRAY['targets', 'trailing', 'break_even', 'time_exit_seconds', 'spread',
            'delay', 'entry_distance'] <> '{}'
        OR jsonb_typeof(coalesce(v_plan -> 'targets', '[]')) <> 'array' THEN
        RETURN 'plan_empty';
    END IF;
    IF v_plan ? 'targets' THEN
        v_fault := signals_plan_targets_fault(p_leg, v_plan -> 'targets');
        IF v_fault <> '' THEN
            RETURN v_fault;
        END IF;
    END IF;
    IF v_plan ?| ARRAY['targets', 'trailing', 'break_even']
        AND coalesce(p_leg #>> '{sl,kind}', 'remove') = 'remove' THEN
        RETURN 'plan_without_stop';
    END IF;
    v_fault := signals_plan_rules_fault(v_plan);
    IF v_fault <> '' THEN
        RETURN v_fault;
    END IF;
    IF v_plan ? 'entry_distance' AND (
        p_leg ->> 'order_type' NOT IN ('limit', 'stop')
        OR p_leg ?| ARRAY['limit_price', 'stop_price']
        OR 'price' IN (p_leg #>> '{sl,kind}', p_leg #>> '{tp,kind}', v_plan #>> '{targets,0,kind}'))
    THEN
        RETURN 'plan_entry_distance';
    END IF;
    RETURN '';
END $$;

-- How long an entry may wait to be sent where its plan says so: its delay, and what follows it.
CREATE OR REPLACE FUNCTION signals_plan_open_for(p_leg text) RETURNS interval
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE WHEN strpos(p_leg, '"delay":{') > 0 THEN make_interval(
        secs => (p_leg::jsonb #>> '{plan,delay,seconds}')::integer
            + (p_leg::jsonb #>> '{plan,delay,expires_seconds}')::integer) END
$$;
