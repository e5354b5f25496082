DROP TRIGGER execution_deal_sums ON execution_deal;
DROP TRIGGER execution_position_sums ON execution_position;
DROP TRIGGER execution_order_sums ON execution_order;
DROP TRIGGER execution_key_ends_once ON execution_executorkey;
DROP TRIGGER execution_position_born ON execution_position;
DROP TRIGGER execution_order_keeps_facts ON execution_order;
DROP TRIGGER execution_order_guard ON execution_order;
DROP TRIGGER execution_order_born ON execution_order;
CREATE TRIGGER execution_order_guard BEFORE INSERT OR UPDATE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_guard;
CREATE TRIGGER execution_order_keep BEFORE DELETE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_keep;
