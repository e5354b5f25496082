DROP TRIGGER execution_position_volumes ON execution_position;
CREATE CONSTRAINT TRIGGER execution_position_volumes AFTER INSERT OR UPDATE OF
    side, volume_open_lots, volume_closed_lots, price_open, price_close, opened_at, closed_at
    ON execution_position
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION execution_position_folds();
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_volumes;
