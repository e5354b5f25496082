-- Births have functions of their own, so the guard of moves sees moves alone. Triggers of one event
-- fire in the order of their names.
DROP TRIGGER execution_order_keep ON execution_order;
DROP TRIGGER execution_order_guard ON execution_order;
CREATE TRIGGER execution_order_born BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_birth();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_born;
CREATE TRIGGER execution_order_guard BEFORE UPDATE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_guard();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_guard;
CREATE TRIGGER execution_order_keeps_facts BEFORE UPDATE ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_frozen();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_keeps_facts;
CREATE TRIGGER execution_position_born BEFORE INSERT ON execution_position
    FOR EACH ROW EXECUTE FUNCTION execution_position_birth();
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_born;
CREATE TRIGGER execution_key_ends_once BEFORE UPDATE ON execution_executorkey
    FOR EACH ROW EXECUTE FUNCTION execution_key_guard();
ALTER TABLE execution_executorkey ENABLE ALWAYS TRIGGER execution_key_ends_once;

-- Checked at commit: a deal, its order and its position are written one after the other.
CREATE CONSTRAINT TRIGGER execution_order_sums AFTER UPDATE OF filled_lots ON execution_order
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_order_adds_up();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_sums;
CREATE CONSTRAINT TRIGGER execution_position_sums AFTER INSERT
    OR UPDATE OF profit, swap, commission, fee, net ON execution_position
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_position_adds_up();
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_sums;
CREATE CONSTRAINT TRIGGER execution_deal_sums AFTER INSERT ON execution_deal
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_deal_adds_up();
ALTER TABLE execution_deal ENABLE ALWAYS TRIGGER execution_deal_sums;
