CREATE TRIGGER execution_order_look_new AFTER INSERT ON execution_order
    FOR EACH ROW WHEN (NEW.state = 'staged') EXECUTE FUNCTION execution_order_look();
CREATE TRIGGER execution_order_look AFTER UPDATE OF state ON execution_order
    FOR EACH ROW
    WHEN (NEW.state IN ('staged', 'cancel_requested', 'unknown') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION execution_order_look();
CREATE TRIGGER execution_account_look AFTER UPDATE OF state ON execution_brokeraccount
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION execution_account_look();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_look_new;
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_look;
ALTER TABLE execution_brokeraccount ENABLE ALWAYS TRIGGER execution_account_look;
