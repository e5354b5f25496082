-- A kept balance moves only inside the triggers of lines and holds, and is never removed.
CREATE OR REPLACE FUNCTION treasury_balance_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF TG_OP NOT IN ('INSERT', 'UPDATE') OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances are moved by lines and holds: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'treasury_balance_kept';
    END IF;
    RETURN NEW;
END $$;
