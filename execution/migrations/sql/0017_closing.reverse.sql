DROP FUNCTION execution_order_closed_by_person();
DROP FUNCTION execution_order_closes(execution_order);
