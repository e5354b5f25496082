CREATE TRIGGER execution_switch_birth BEFORE INSERT ON execution_switch
    FOR EACH ROW EXECUTE FUNCTION execution_switch_birth();
ALTER TABLE execution_switch ENABLE ALWAYS TRIGGER execution_switch_birth;
CREATE TRIGGER execution_account_birth BEFORE INSERT ON execution_brokeraccount
    FOR EACH ROW EXECUTE FUNCTION execution_account_birth();
ALTER TABLE execution_brokeraccount ENABLE ALWAYS TRIGGER execution_account_birth;
CREATE TRIGGER execution_key_birth BEFORE INSERT ON execution_executorkey
    FOR EACH ROW EXECUTE FUNCTION execution_key_birth();
ALTER TABLE execution_executorkey ENABLE ALWAYS TRIGGER execution_key_birth;
CREATE TRIGGER execution_order_closed_by_person BEFORE UPDATE ON execution_order
    FOR EACH ROW WHEN (NEW.request_id IS DISTINCT FROM OLD.request_id
        OR NEW.closing_request_id IS DISTINCT FROM OLD.closing_request_id)
    EXECUTE FUNCTION execution_order_closed_by_person();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_closed_by_person;
CREATE TRIGGER execution_switch_look AFTER INSERT ON execution_switch
    FOR EACH ROW EXECUTE FUNCTION execution_switch_look();
ALTER TABLE execution_switch ENABLE ALWAYS TRIGGER execution_switch_look;
DROP TRIGGER execution_account_look ON execution_brokeraccount;
DROP FUNCTION execution_account_look();
