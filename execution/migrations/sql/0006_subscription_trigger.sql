CREATE TRIGGER execution_subscription_guard BEFORE INSERT OR UPDATE ON execution_subscription
    FOR EACH ROW EXECUTE FUNCTION execution_subscription_guard();
ALTER TABLE execution_subscription ENABLE ALWAYS TRIGGER execution_subscription_guard;
