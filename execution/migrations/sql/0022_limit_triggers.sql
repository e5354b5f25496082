CREATE TRIGGER execution_limit_birth BEFORE INSERT ON execution_risklimit
    FOR EACH ROW EXECUTE FUNCTION execution_limit_birth();
ALTER TABLE execution_risklimit ENABLE ALWAYS TRIGGER execution_limit_birth;
CREATE TRIGGER execution_order_in_limits BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_limits_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_in_limits;
CREATE TRIGGER execution_order_was_shown BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_shown_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_was_shown;
