-- A binding is what two people want, but for one to the loopback server of a paper book.
CREATE OR REPLACE FUNCTION tokens_binding_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.state <> 'unknown' OR NEW.observation_id IS NOT NULL OR NEW.pinned_id IS NOT NULL
        OR NOT EXISTS (SELECT FROM tokens_token t WHERE t.id = NEW.token_id AND t.kind = 'jetton') THEN
        RAISE EXCEPTION 'a jetton is bound, and nothing is known of it yet'
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_binding_starts_unknown';
    END IF;
    IF NEW.network <> 'loopback' AND (
        second_person_wants(NEW.request_id, 'chain.bind') IS NOT TRUE OR NOT EXISTS (
            SELECT FROM second_person_request r JOIN tokens_token t ON t.id = NEW.token_id
            WHERE r.id = NEW.request_id AND r.payload::jsonb = jsonb_build_object(
                'token', t.code, 'book', NEW.book, 'network', NEW.network,
                'node_url', NEW.node_url, 'index_url', NEW.index_url,
                'master', NEW.master, 'owner', NEW.owner,
                'opening_supply', NEW.opening_supply::text,
                'opening_balance', NEW.opening_balance::text))) THEN
        RAISE EXCEPTION 'a second person confirms what a token is bound to'
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_binding_wanted_by_two';
    END IF;
    RETURN NEW;
END $$;

-- It moves along the legal edges, to what its newest observation says; what was bound stays.
CREATE OR REPLACE FUNCTION tokens_binding_edge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_seen tokens_chainobservation;
BEGIN
    IF ROW(NEW.id, NEW.token_id, NEW.book, NEW.network, NEW.master, NEW.owner, NEW.opening_supply,
           NEW.opening_balance, NEW.request_id, NEW.trace_id, NEW.bound_at, NEW.bound_by)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.token_id, OLD.book, OLD.network, OLD.master, OLD.owner, OLD.opening_supply,
           OLD.opening_balance, OLD.request_id, OLD.trace_id, OLD.bound_at, OLD.bound_by)
       -- The loopback server may come up elsewhere on this machine.
       OR (NEW.node_url, NEW.index_url) <> (OLD.node_url, OLD.index_url) AND OLD.network <> 'loopback'
    THEN
        RAISE EXCEPTION 'binding %: what was bound stays', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'frozen' AND NEW.state <> 'frozen' THEN
        RETURN tokens_binding_thaw(OLD, NEW);
    END IF;
    SELECT * INTO v_seen FROM tokens_chainobservation
        WHERE binding_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF NEW.release_id IS DISTINCT FROM OLD.release_id
        OR NEW.pinned_id IS DISTINCT FROM OLD.pinned_id
            AND (OLD.pinned_id IS NOT NULL OR NEW.pinned_id <> v_seen.id OR v_seen.seqno IS NULL)
        OR (NEW.state, NEW.observation_id) IS DISTINCT FROM (OLD.state, OLD.observation_id)
            AND (NEW.state, NEW.observation_id) IS DISTINCT FROM (v_seen.state, v_seen.id) THEN
        RAISE EXCEPTION 'binding %: % is not what was last seen', OLD.id, NEW.state
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_binding_edge';
    END IF;
    RETURN NEW;
END $$;

-- Frozen it stays until two people release it, and is then looked at anew.
CREATE OR REPLACE FUNCTION tokens_binding_thaw(p_was tokens_chainbinding, p_is tokens_chainbinding)
    RETURNS tokens_chainbinding
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF p_is.state <> 'unknown' OR p_is.pinned_id IS NOT NULL
        OR p_is.release_id IS NOT DISTINCT FROM p_was.release_id
        OR second_person_wants(p_is.release_id, 'chain.release') IS NOT TRUE
        OR NOT EXISTS (
            SELECT FROM second_person_request r WHERE r.id = p_is.release_id
                AND (r.payload::json ->> 'frozen_since')::timestamptz = p_was.since) THEN
        RAISE EXCEPTION 'binding %: two people release what is frozen, as they saw it', p_was.id
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_binding_edge';
    END IF;
    RETURN p_is;
END $$;
