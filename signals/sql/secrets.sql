-- A secret ends when it was said to, or sooner; never later, and it never comes back.
CREATE OR REPLACE FUNCTION signals_secret_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF ROW(NEW.id, NEW.strategy_id, NEW.label, NEW.sha256, NEW.valid_from, NEW.created_at)
        IS DISTINCT FROM
       ROW(OLD.id, OLD.strategy_id, OLD.label, OLD.sha256, OLD.valid_from, OLD.created_at)
        OR NEW.valid_until IS NULL AND OLD.valid_until IS NOT NULL
        OR NEW.valid_until > OLD.valid_until THEN
        RAISE EXCEPTION 'secret %: it stays what was issued, and may only end sooner', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_secret_ends_sooner';
    END IF;
    RETURN NEW;
END $$;
