DROP FUNCTION signals_peer_take(text, integer, integer);
ALTER TABLE signals_peerwindow SET LOGGED;
ALTER TABLE signals_strategy
    DROP CONSTRAINT signals_strategy_defaults_known,
    DROP CONSTRAINT signals_strategy_dialects_list;
ALTER TABLE signals_delivery
    DROP CONSTRAINT signals_delivery_grade_known,
    DROP COLUMN sent_at, DROP COLUMN grade, DROP COLUMN provenance, DROP COLUMN fired_by;
