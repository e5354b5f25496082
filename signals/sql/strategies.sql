-- Web processes hold a strategy for up to a second; its version tells them what they hold is old.
CREATE OR REPLACE FUNCTION signals_strategy_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.version <= OLD.version OR NEW.slug <> OLD.slug THEN
        RAISE EXCEPTION 'strategy %: a change raises the version and keeps the slug', OLD.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_strategy_version_rises';
    END IF;
    RETURN NEW;
END $$;
