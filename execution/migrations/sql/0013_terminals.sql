-- What a terminal said last is never replaced by what it said before: within one run of a program
-- its heartbeats are counted upwards.
CREATE OR REPLACE FUNCTION execution_terminal_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF (NEW.instance, NEW.boot_nonce) = (OLD.instance, OLD.boot_nonce)
        AND OLD.number IS NOT NULL AND (NEW.number > OLD.number) IS NOT TRUE THEN
        RAISE EXCEPTION 'account %: heartbeat % may not follow %', OLD.account_id, NEW.number,
            OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'terminal_heartbeats_go_up';
    END IF;
    RETURN NEW;
END $$;
