-- What was approved is what is ordered: an entry never exceeds the preview that is kept with its
-- decision, and none comes of an account that it does not show.
CREATE OR REPLACE FUNCTION execution_order_shown_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_lots numeric;
BEGIN
    IF NEW.verb <> 'entry' OR NEW.state <> 'staged' THEN
        RETURN NEW;
    END IF;
    SELECT (p.content::jsonb -> 'accounts' -> NEW.account_id::text ->> 'lots')::numeric INTO v_lots
        FROM signals_preview p WHERE p.decision_id = NEW.decision_id;
    IF (NEW.volume_lots <= v_lots) IS NOT TRUE THEN
        RAISE EXCEPTION 'decision %: % lots on account %, its preview shows %', NEW.decision_id,
            NEW.volume_lots, NEW.account_id, coalesce(v_lots::text, 'none')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_within_its_preview';
    END IF;
    RETURN NEW;
END $$;
