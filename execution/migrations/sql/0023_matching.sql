-- What "50 %" is a share of was what was opened in all; only a fold may write it otherwise.
ALTER TABLE execution_position DISABLE TRIGGER execution_position_guard;
UPDATE execution_position SET volume_base_lots = volume_open_lots + volume_closed_lots;
ALTER TABLE execution_position ENABLE ALWAYS TRIGGER execution_position_guard;
