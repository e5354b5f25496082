-- A live account, and each of its keys, is wanted by two people; a paper account's by one.
CREATE OR REPLACE FUNCTION execution_account_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.book = 'live' AND second_person_wants(NEW.request_id, 'account.create') IS NOT TRUE THEN
        RAISE EXCEPTION 'account %: two people must want a live one', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_live_by_two';
    END IF;
    RETURN NEW;
END $$;

-- Each key ends within 90 days.
CREATE OR REPLACE FUNCTION execution_key_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.expires_at IS NULL OR NEW.expires_at > events_now() + interval '90 days 1 minute' THEN
        RAISE EXCEPTION 'key %: it ends within 90 days', NEW.prefix
            USING ERRCODE = 'check_violation', CONSTRAINT = 'executor_key_ends';
    END IF;
    IF second_person_wants(NEW.request_id, 'key.issue') IS NOT TRUE AND EXISTS (
        SELECT FROM execution_brokeraccount a WHERE a.id = NEW.account_id AND a.book = 'live') THEN
        RAISE EXCEPTION 'key %: two people must want a live account''s', NEW.prefix
            USING ERRCODE = 'check_violation', CONSTRAINT = 'executor_key_live_by_two';
    END IF;
    RETURN NEW;
END $$;
