CREATE TRIGGER treasury_cashstep_days_born AFTER INSERT ON treasury_cashstep
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_trade_days_keep();
CREATE TRIGGER treasury_cashstep_days_moved AFTER UPDATE ON treasury_cashstep
    REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_trade_days_keep();
ALTER TABLE treasury_cashstep ENABLE ALWAYS TRIGGER treasury_cashstep_days_born;
ALTER TABLE treasury_cashstep ENABLE ALWAYS TRIGGER treasury_cashstep_days_moved;

-- What is kept already.
SELECT treasury_trade_days_write(
    (SELECT array_agg((book, currency_id, at)::treasury_cash_due)
        FROM treasury_cashstep WHERE is_trade));
