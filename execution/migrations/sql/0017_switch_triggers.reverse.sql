-- An account that was halted: what rests shall be cancelled.
CREATE OR REPLACE FUNCTION execution_account_look() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM execution_look(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER execution_account_look AFTER UPDATE OF state ON execution_brokeraccount
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION execution_account_look();
ALTER TABLE execution_brokeraccount ENABLE ALWAYS TRIGGER execution_account_look;
DROP TRIGGER execution_switch_look ON execution_switch;
DROP TRIGGER execution_order_closed_by_person ON execution_order;
DROP TRIGGER execution_key_birth ON execution_executorkey;
DROP TRIGGER execution_account_birth ON execution_brokeraccount;
DROP TRIGGER execution_switch_birth ON execution_switch;
