-- Who gets what: versions of policies, and what is bound to them. Two people want each, nothing
-- counts backwards, and of what has begun only the end may still come. That nothing overlaps is
-- held by exclusion constraints of both tables.

-- The sum of basis points; what is no whole number from 0 on makes it wrong.
CREATE OR REPLACE FUNCTION treasury_bps_sum(p_bps jsonb) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT coalesce(sum(
        CASE WHEN value::text ~ '^[0-9]{1,5}$' THEN value::text::integer ELSE 100000 END), 0)::integer
    FROM jsonb_each(p_bps)
$$;

-- Nobody sets an end in the past, sets it later, or changes anything else.
CREATE OR REPLACE FUNCTION treasury_policy_ends() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF to_jsonb(NEW) - 'valid_until' <> to_jsonb(OLD) - 'valid_until'
            OR NEW.valid_until IS NULL OR NEW.valid_until < events_now() - interval '1 minute'
            OR NEW.valid_until >= coalesce(OLD.valid_until, 'infinity') THEN
        RAISE EXCEPTION '% %: what was agreed ends now or later, and nothing else of it changes',
            TG_TABLE_NAME, OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policy_ends_forward';
    END IF;
    RETURN NEW;
END $$;

-- A version after the first is what two people wanted: the house's by the rule of DCT, which it
-- follows, each other one by a request of its own.
CREATE OR REPLACE FUNCTION treasury_policyversion_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_policy record;
    v_wanted jsonb;
BEGIN
    SELECT code, shares INTO v_policy FROM treasury_allocationpolicy WHERE id = NEW.policy_id;
    IF (SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(NEW.bps) key) IS DISTINCT FROM
        (SELECT array_agg(share ORDER BY share)
            FROM jsonb_array_elements_text(v_policy.shares) share) THEN
        RAISE EXCEPTION 'policy % has the shares %', v_policy.code, v_policy.shares
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policyversion_shares';
    END IF;
    IF NEW.version = 1 THEN
        RETURN NEW;
    END IF;
    IF NEW.valid_from < events_now() - interval '1 minute' THEN
        RAISE EXCEPTION 'policy % counts from now on or later', v_policy.code
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policyversion_not_backdated';
    END IF;
    SELECT payload::jsonb INTO v_wanted FROM second_person_request
        WHERE id = NEW.request_id AND second_person_wants(
            id, CASE v_policy.code WHEN 'house' THEN 'rule.change' ELSE 'policy.change' END);
    IF v_wanted IS NULL
            OR coalesce((v_wanted ->> 'valid_from')::timestamptz, NEW.valid_from) <> NEW.valid_from
            OR v_policy.code <> coalesce(
                v_wanted ->> 'policy', CASE v_wanted ->> 'token' WHEN 'DCT' THEN 'house' END)
            OR NEW.bps <> coalesce(v_wanted -> 'bps', (
                SELECT jsonb_object_agg(replace(key, '_bps', ''), value)
                FROM jsonb_each(v_wanted -> 'parameters'))) THEN
        RAISE EXCEPTION 'a second person confirms a change of policy %', v_policy.code
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policyversion_is_wanted';
    END IF;
    RETURN NEW;
END $$;

-- A binding is what two people wanted, from now on or later, and leaves no unit without its policy.
CREATE OR REPLACE FUNCTION treasury_policybinding_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.valid_from < events_now() - interval '1 minute'
            OR second_person_wants(NEW.request_id, 'policy.bind') IS NOT TRUE OR NOT EXISTS (
        SELECT FROM second_person_request r, treasury_allocationpolicy p
        WHERE r.id = NEW.request_id AND p.id = NEW.policy_id
            AND r.payload::jsonb ->> 'policy' = p.code
            AND (r.payload::jsonb ->> 'account_id')::bigint IS NOT DISTINCT FROM NEW.account_id
            AND (r.payload::jsonb ->> 'stream_id')::bigint IS NOT DISTINCT FROM NEW.stream_id) THEN
        RAISE EXCEPTION 'a second person confirms under which policy an account or a stream is'
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policybinding_is_wanted';
    END IF;
    -- Units of an account are a currency of its own: UNIT and its number.
    IF EXISTS (
        SELECT FROM treasury_balance b JOIN treasury_ledgeraccount a ON a.id = b.account_id
            JOIN treasury_allocationpolicy p ON p.id = NEW.policy_id AND NOT p.per_unit
        WHERE a.currency_id = 'UNIT' || NEW.account_id AND b.amount <> 0) THEN
        RAISE EXCEPTION 'investors hold units of account %', NEW.account_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_policybinding_units_stay';
    END IF;
    RETURN NEW;
END $$;
