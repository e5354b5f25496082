-- One version of a policy and one policy of a source at a time. A range of one number stands for
-- that number, so that no extension is needed to compare it in a GiST index.
ALTER TABLE treasury_policyversion ADD CONSTRAINT treasury_policyversion_never_overlaps
    EXCLUDE USING gist (
        int8range(policy_id, policy_id, '[]') WITH &&, tstzrange(valid_from, valid_until) WITH &&);
ALTER TABLE treasury_policybinding ADD CONSTRAINT treasury_policybinding_account_never_overlaps
    EXCLUDE USING gist (
        int8range(account_id, account_id, '[]') WITH &&, tstzrange(valid_from, valid_until) WITH &&)
    WHERE (account_id IS NOT NULL);
ALTER TABLE treasury_policybinding ADD CONSTRAINT treasury_policybinding_stream_never_overlaps
    EXCLUDE USING gist (
        int8range(stream_id, stream_id, '[]') WITH &&, tstzrange(valid_from, valid_until) WITH &&)
    WHERE (stream_id IS NOT NULL);
CREATE TRIGGER treasury_policyversion_born BEFORE INSERT ON treasury_policyversion
    FOR EACH ROW EXECUTE FUNCTION treasury_policyversion_birth();
CREATE TRIGGER treasury_policyversion_ends BEFORE UPDATE ON treasury_policyversion
    FOR EACH ROW EXECUTE FUNCTION treasury_policy_ends();
CREATE TRIGGER treasury_policybinding_born BEFORE INSERT ON treasury_policybinding
    FOR EACH ROW EXECUTE FUNCTION treasury_policybinding_birth();
CREATE TRIGGER treasury_policybinding_ends BEFORE UPDATE ON treasury_policybinding
    FOR EACH ROW EXECUTE FUNCTION treasury_policy_ends();
ALTER TABLE treasury_policyversion ENABLE ALWAYS TRIGGER treasury_policyversion_born;
ALTER TABLE treasury_policyversion ENABLE ALWAYS TRIGGER treasury_policyversion_ends;
ALTER TABLE treasury_policybinding ENABLE ALWAYS TRIGGER treasury_policybinding_born;
ALTER TABLE treasury_policybinding ENABLE ALWAYS TRIGGER treasury_policybinding_ends;
