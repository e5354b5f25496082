CREATE TRIGGER execution_twin_birth BEFORE INSERT ON execution_twin
    FOR EACH ROW EXECUTE FUNCTION execution_twin_birth();
ALTER TABLE execution_twin ENABLE ALWAYS TRIGGER execution_twin_birth;
CREATE TRIGGER execution_twin_end BEFORE UPDATE ON execution_twin
    FOR EACH ROW EXECUTE FUNCTION execution_twin_end();
ALTER TABLE execution_twin ENABLE ALWAYS TRIGGER execution_twin_end;
CREATE CONSTRAINT TRIGGER execution_twin_follows AFTER INSERT ON execution_twin
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_twin_follows();
ALTER TABLE execution_twin ENABLE ALWAYS TRIGGER execution_twin_follows;
CREATE CONSTRAINT TRIGGER execution_twin_follows AFTER INSERT OR UPDATE ON execution_subscription
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_twin_follows();
ALTER TABLE execution_subscription ENABLE ALWAYS TRIGGER execution_twin_follows;
