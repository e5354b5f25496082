DROP FUNCTION treasury_policybinding_birth();
DROP FUNCTION treasury_policyversion_birth();
DROP FUNCTION treasury_policy_ends();
DROP FUNCTION treasury_bps_sum(jsonb);
