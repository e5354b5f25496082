ALTER TABLE signals_peerwindow SET LOGGED;
ALTER TABLE signals_strategy DROP CONSTRAINT signals_strategy_own_policy;
ALTER TABLE signals_strategypolicy
    DROP CONSTRAINT signals_policy_of_strategy,
    DROP CONSTRAINT signals_policy_defaults_known,
    DROP CONSTRAINT signals_policy_dialects_list;
