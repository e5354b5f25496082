ALTER TABLE signals_peerwindow SET LOGGED;
ALTER TABLE signals_strategy
    DROP CONSTRAINT signals_strategy_defaults_known,
    DROP CONSTRAINT signals_strategy_dialects_list;
