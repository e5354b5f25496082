-- The ledger keeps itself balanced: every rule here holds for every role and every road in.
-- Refusals are of class 23 and name their constraint.

CREATE TRIGGER treasury_entry_stamped BEFORE INSERT ON treasury_entry
    FOR EACH ROW EXECUTE FUNCTION treasury_entry_stamp();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_stamped;

-- Triggers of one event fire in the order of their names; these need their order.
CREATE TRIGGER treasury_line_attached AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_entry();
CREATE TRIGGER treasury_line_attributed AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_account();
CREATE TRIGGER treasury_line_balanced AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_sums();
CREATE TRIGGER treasury_line_mirrored AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_mirror();
CREATE TRIGGER treasury_line_posted AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_booked();
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_attached;
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_attributed;
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_balanced;
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_mirrored;
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_posted;

CREATE CONSTRAINT TRIGGER treasury_entry_has_lines AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION treasury_entry_closed();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_has_lines;

CREATE TRIGGER treasury_balance_kept BEFORE INSERT OR UPDATE OR DELETE ON treasury_balance
    FOR EACH ROW EXECUTE FUNCTION treasury_balance_guard();
CREATE TRIGGER treasury_balance_stays BEFORE TRUNCATE ON treasury_balance
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_balance_guard();
ALTER TABLE treasury_balance ENABLE ALWAYS TRIGGER treasury_balance_kept;
ALTER TABLE treasury_balance ENABLE ALWAYS TRIGGER treasury_balance_stays;

CREATE TRIGGER treasury_dealposting_edges BEFORE UPDATE OR DELETE ON treasury_dealposting
    FOR EACH ROW EXECUTE FUNCTION treasury_dealposting_edge();
ALTER TABLE treasury_dealposting ENABLE ALWAYS TRIGGER treasury_dealposting_edges;
