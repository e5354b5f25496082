CREATE TRIGGER execution_order_has_stop BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_stop_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_has_stop;
