CREATE OR REPLACE FUNCTION execution_position_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.fold_revision < OLD.fold_revision
       OR ROW(NEW.account_id, NEW.position_ticket)
          IS DISTINCT FROM ROW(OLD.account_id, OLD.position_ticket) THEN
        RAISE EXCEPTION 'position %: fold revision % may not follow %',
            OLD.id, NEW.fold_revision, OLD.fold_revision
            USING ERRCODE = 'check_violation', CONSTRAINT = 'position_fold_grows';
    END IF;
    RETURN NEW;
END $$;
DROP FUNCTION execution_position_birth();
