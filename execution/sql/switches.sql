-- The state of one switch: its newest version, and active where it was never turned.
CREATE OR REPLACE FUNCTION execution_switch_state(p_scope text, p_key text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce((
        SELECT s.state FROM execution_switch s
        WHERE s.scope = p_scope AND s.key = p_key ORDER BY s.version DESC LIMIT 1), 'active')
$$;

-- Whether no switch stops an entry of this account, strategy and instrument.
CREATE OR REPLACE FUNCTION execution_entry_may_go(
    p_account_id bigint, p_strategy_id bigint, p_instrument text
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT execution_switch_state('all', '') = 'active'
        AND execution_switch_state('account', p_account_id::text) = 'active'
        AND execution_switch_state('strategy', p_strategy_id::text) = 'active'
        AND execution_switch_state('instrument', p_instrument) = 'active'
$$;

-- Each turn is the next version of its switch, says when it was made, and changes something. One
-- person stops; to allow more than before takes two.
CREATE OR REPLACE FUNCTION execution_switch_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_states constant text[] := ARRAY['active', 'reducing', 'halted'];
    v_version integer;
    v_state text := execution_switch_state(NEW.scope, NEW.key);
BEGIN
    SELECT coalesce(max(s.version), 0) INTO v_version FROM execution_switch s
        WHERE s.scope = NEW.scope AND s.key = NEW.key;
    IF NEW.version <> v_version + 1 OR NEW.state = v_state
        OR abs(extract(epoch FROM NEW.at - events_now())) > 60 THEN
        RAISE EXCEPTION 'switch % %: version % sets it % now, it is % at version %', NEW.scope,
            NEW.key, NEW.version, NEW.state, v_state, v_version
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_switch_turns';
    END IF;
    IF NEW.scope = 'account'
        AND NOT EXISTS (SELECT FROM execution_brokeraccount a WHERE a.id::text = NEW.key)
        OR NEW.scope = 'strategy'
        AND NOT EXISTS (SELECT FROM signals_strategy s WHERE s.id::text = NEW.key) THEN
        RAISE EXCEPTION 'switch % %: there is no such row', NEW.scope, NEW.key
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'execution_switch_target_exists';
    END IF;
    IF array_position(v_states, NEW.state::text) < array_position(v_states, v_state)
        AND second_person_wants(NEW.request_id, 'switch.raise') IS NOT TRUE THEN
        RAISE EXCEPTION 'switch % %: two people must want it to allow more', NEW.scope, NEW.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'execution_switch_raised_by_two';
    END IF;
    RETURN NEW;
END $$;
