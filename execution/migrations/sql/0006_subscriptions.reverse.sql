DROP FUNCTION execution_subscription_guard();
