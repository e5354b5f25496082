CREATE TRIGGER execution_order_guard BEFORE INSERT OR UPDATE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_guard;

CREATE TRIGGER execution_order_keep BEFORE DELETE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_keep;

CREATE TRIGGER execution_position_guard BEFORE UPDATE ON execution_position
    FOR EACH ROW EXECUTE FUNCTION execution_position_guard();
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_guard;
