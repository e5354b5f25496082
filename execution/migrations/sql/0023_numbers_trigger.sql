CREATE TRIGGER execution_order_numbered BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_numbered();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_numbered;
