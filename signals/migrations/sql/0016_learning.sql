-- The second road of `services/labels.py` and `services/learning.py`: nothing is known before its
-- time, and a state follows the one before it by one label.
CREATE OR REPLACE FUNCTION signals_label_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_decision signals_decision;
BEGIN
    SELECT * INTO v_decision FROM signals_decision WHERE id = NEW.decision_id;
    IF v_decision.verb <> 'entry' THEN
        RAISE EXCEPTION 'a label is of an entry, not of decision %', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_label_of_an_entry';
    END IF;
    IF NEW.created_at < NEW.known_at
        OR NEW.created_at > events_now() + interval '1 second' THEN
        RAISE EXCEPTION 'the label of decision % is from the future', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_label_is_known';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION signals_state_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_former signals_fusionstate;
BEGIN
    SELECT * INTO v_former FROM signals_fusionstate s
        WHERE s.family = NEW.family AND s.horizon_seconds = NEW.horizon_seconds
        ORDER BY s.version DESC LIMIT 1;
    IF NEW.version <> coalesce(v_former.version, 0) + 1
        OR NEW.former_sha256 <> coalesce(v_former.sha256, '')
        OR NEW.sha256 <> encode(sha256(convert_to(NEW.former_sha256 || NEW.value, 'UTF8')), 'hex')
    THEN
        RAISE EXCEPTION 'state % of % does not follow the one before', NEW.version, NEW.family
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_state_follows';
    END IF;
    IF NOT EXISTS (
        SELECT FROM signals_label l
        WHERE l.id = NEW.label_id AND l.won IS NOT NULL AND l.known_at <= NEW.known_at)
        OR NEW.known_at > events_now() + interval '1 second'
        OR NEW.known_at < v_former.known_at THEN
        RAISE EXCEPTION 'state % of % is from the future', NEW.version, NEW.family
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_state_is_known';
    END IF;
    RETURN NEW;
END $$;
