-- Whoever executes for this account shall look: web processes listen on this channel. It is told at
-- commit, carries the account's subject and no fact, and may be lost.
CREATE OR REPLACE FUNCTION execution_look(p_account_id bigint) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT pg_notify('fusion_look', 'execution.account:' || p_account_id)
$$;

-- An order that is there to be handed out, or of which something is desired now.
CREATE OR REPLACE FUNCTION execution_order_look() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_look(NEW.account_id);
    RETURN NULL;
END $$;

-- A switch was turned: whoever executes for an account that it may concern shall look.
CREATE OR REPLACE FUNCTION execution_switch_look() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_look(a.id) FROM execution_brokeraccount a
        WHERE NEW.scope <> 'account' OR a.id::text = NEW.key;
    RETURN NULL;
END $$;
