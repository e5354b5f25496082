-- A revoked key stays revoked, since when it was; a live one may end sooner than it was issued for.
CREATE OR REPLACE FUNCTION execution_key_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
        OR ROW(NEW.prefix, NEW.sha256, NEW.scopes, NEW.account_id, NEW.request_id)
            IS DISTINCT FROM
           ROW(OLD.prefix, OLD.sha256, OLD.scopes, OLD.account_id, OLD.request_id) THEN
        RAISE EXCEPTION 'key %: it stays what was issued, and revoked once it was', OLD.prefix
            USING ERRCODE = 'check_violation', CONSTRAINT = 'executor_key_ends_once';
    END IF;
    IF NEW.expires_at IS DISTINCT FROM OLD.expires_at
        AND (NEW.expires_at IS NULL OR NEW.expires_at > coalesce(OLD.expires_at, 'infinity')) THEN
        RAISE EXCEPTION 'key %: its end comes no later than it was issued for', OLD.prefix
            USING ERRCODE = 'check_violation', CONSTRAINT = 'executor_key_ends_no_later';
    END IF;
    RETURN NEW;
END $$;
