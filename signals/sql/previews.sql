-- A preview is kept once, while its entry waits for people, or with an automatic approval; what
-- people approved cannot get another one.
CREATE OR REPLACE FUNCTION signals_preview_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM signals_decision d
        WHERE d.id = NEW.decision_id AND d.verb = 'entry'
            AND (d.state = 'pending_review' OR d.state = 'approved' AND d.reviews_needed = 0)) THEN
        RAISE EXCEPTION 'decision %: no preview is attached to it now', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_preview_in_time';
    END IF;
    IF NEW.sha256 <> encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'decision %: the preview is not what its hash says', NEW.decision_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_preview_hashed';
    END IF;
    RETURN NEW;
END $$;
