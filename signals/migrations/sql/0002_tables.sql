-- What Django does not see: shapes of JSON, and a table that need not reach the disk.

-- The second road of `signals.dialects.defaults.defaults_check`, as far as the keys go.
ALTER TABLE signals_strategy
    ADD CONSTRAINT signals_strategy_defaults_known CHECK (
        CASE jsonb_typeof(defaults) WHEN 'object' THEN
            defaults - ARRAY['size', 'sl', 'tp', 'size_unit', 'target_unit', 'entry_unit',
                'timeframe'] = '{}'
        ELSE false END),
    ADD CONSTRAINT signals_strategy_dialects_list CHECK (jsonb_typeof(dialects) = 'array');

-- Counts for limits may be lost in a crash and need not reach the disk.
ALTER TABLE signals_peerwindow SET UNLOGGED;
