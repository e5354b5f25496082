-- The second road of every rule in states.py and services/decisions.py.

-- An entry is born proposed, what lowers risk is born approved.
CREATE OR REPLACE FUNCTION signals_decision_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.verb = 'entry' AND NEW.state <> 'proposed'
        OR NEW.verb <> 'entry' AND NEW.state <> 'approved' THEN
        RAISE EXCEPTION 'a decision on % is not born %', NEW.verb, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_birth';
    END IF;
    RETURN NEW;
END $$;

-- What it decides on never changes, what it was made from is written once.
CREATE OR REPLACE FUNCTION signals_decision_frozen() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF (NEW.id, NEW.alert_id, NEW.strategy_id, NEW.leg_no, NEW.version, NEW.verb, NEW.side,
        NEW.instrument, NEW.leg, NEW.trade_ref, NEW.trace_id, NEW.scope, NEW.target_trace_id,
        NEW.ref_price, NEW.valid_until, NEW.created_at)
        IS DISTINCT FROM
       (OLD.id, OLD.alert_id, OLD.strategy_id, OLD.leg_no, OLD.version, OLD.verb, OLD.side,
        OLD.instrument, OLD.leg, OLD.trade_ref, OLD.trace_id, OLD.scope, OLD.target_trace_id,
        OLD.ref_price, OLD.valid_until, OLD.created_at) THEN
        RAISE EXCEPTION 'decision %: what it decides on is frozen', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;

    IF (NEW.author, NEW.inputs, NEW.inputs_sha256, NEW.risk_bps, NEW.size_factor, NEW.p_final,
        NEW.reviews_needed)
        IS DISTINCT FROM
       (OLD.author, OLD.inputs, OLD.inputs_sha256, OLD.risk_bps, OLD.size_factor, OLD.p_final,
        OLD.reviews_needed)
        AND NOT (OLD.state = 'proposed' AND OLD.inputs IS NULL) THEN
        RAISE EXCEPTION 'decision %: what it was made from is frozen', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- States move along their edges, in time, and an approval has its reviews.
CREATE OR REPLACE FUNCTION signals_decision_move() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_approvals integer;
BEGIN
    IF NEW.state = OLD.state THEN
        IF NEW IS DISTINCT FROM OLD THEN
            RAISE EXCEPTION 'decision %: only a change of state changes it', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;

    IF (OLD.state, NEW.state) NOT IN (VALUES
        ('proposed', 'pending_review'), ('proposed', 'approved'), ('proposed', 'abstained'),
        ('proposed', 'expired'), ('proposed', 'superseded'),
        ('pending_review', 'approved'), ('pending_review', 'rejected'),
        ('pending_review', 'expired'), ('pending_review', 'superseded')) THEN
        RAISE EXCEPTION 'decision %: % to % is no legal edge', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_edge';
    END IF;

    IF NEW.state IN ('approved', 'pending_review')
        AND NEW.valid_until + interval '1 second' < events_now() THEN
        RAISE EXCEPTION 'decision %: its time is over', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_in_time';
    END IF;

    IF NEW.state = 'approved' THEN
        SELECT count(*) INTO v_approvals FROM signals_review
            WHERE decision_id = NEW.id AND verdict = 'approve';
        IF v_approvals < NEW.reviews_needed THEN
            RAISE EXCEPTION 'decision % has % of % reviews', OLD.id, v_approvals, NEW.reviews_needed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_reviewed';
        END IF;
        -- People approve what they were shown: the order that would come of it.
        IF OLD.state = 'pending_review' AND NEW.verb = 'entry' AND NOT EXISTS (
            SELECT FROM signals_preview p WHERE p.decision_id = NEW.id) THEN
            RAISE EXCEPTION 'decision % has no preview of its order yet', OLD.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'signals_decision_was_shown';
        END IF;
    END IF;
    RETURN NEW;
END $$;
