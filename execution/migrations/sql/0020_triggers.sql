CREATE TRIGGER execution_order_judged BEFORE INSERT ON execution_order
    FOR EACH ROW EXECUTE FUNCTION execution_order_judge();
ALTER TABLE execution_order ENABLE ALWAYS TRIGGER execution_order_judged;

CREATE TRIGGER execution_symbol_map_moves BEFORE UPDATE OF instrument ON execution_symbolmap
    FOR EACH ROW EXECUTE FUNCTION execution_symbol_map_guard();
ALTER TABLE execution_symbolmap ENABLE ALWAYS TRIGGER execution_symbol_map_moves;

-- Checked at commit: a deal and its position are written one after the other.
CREATE CONSTRAINT TRIGGER execution_position_volumes AFTER INSERT OR UPDATE OF
    side, volume_open_lots, volume_closed_lots, price_open, price_close, opened_at, closed_at
    ON execution_position
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_position_folds();
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_volumes;
CREATE CONSTRAINT TRIGGER execution_deal_volumes AFTER INSERT ON execution_deal
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_deal_folds();
ALTER TABLE execution_deal ENABLE ALWAYS TRIGGER execution_deal_volumes;
