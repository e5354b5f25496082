-- A deal's posting leaves quarantine once and then stays (treasury/rules/states.py).
CREATE OR REPLACE FUNCTION treasury_dealposting_edge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.deal_id <> OLD.deal_id OR OLD.state <> 'quarantined'
            OR NEW.state NOT IN ('posted', 'nothing') THEN
        RAISE EXCEPTION 'deal posting % is %: % is refused', OLD.deal_id, OLD.state, TG_OP
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_dealposting_edge';
    END IF;
    RETURN NEW;
END $$;
