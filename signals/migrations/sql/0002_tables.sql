-- What Django does not see: shapes of JSON, and a table that need not reach the disk.

-- The second road of `signals.dialects.defaults.defaults_check`, as far as the keys go.
ALTER TABLE signals_strategypolicy
    ADD CONSTRAINT signals_policy_defaults_known CHECK (
        CASE jsonb_typeof(defaults) WHEN 'object' THEN
            defaults - ARRAY['size', 'sl', 'tp', 'size_unit', 'target_unit', 'entry_unit',
                'timeframe'] = '{}'
        ELSE false END),
    ADD CONSTRAINT signals_policy_dialects_list CHECK (jsonb_typeof(dialects) = 'array'),
    ADD CONSTRAINT signals_policy_of_strategy UNIQUE (id, strategy_id);

-- The policy in force is one of the strategy's own. Each row names the other, so it is checked at
-- commit.
ALTER TABLE signals_strategy
    ADD CONSTRAINT signals_strategy_own_policy FOREIGN KEY (policy_id, id)
        REFERENCES signals_strategypolicy (id, strategy_id) DEFERRABLE INITIALLY DEFERRED;

-- Counts for limits may be lost in a crash and need not reach the disk.
ALTER TABLE signals_peerwindow SET UNLOGGED;
