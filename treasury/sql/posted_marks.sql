-- A mark says that each deal of its account up to it has its posting, so that nobody looks there
-- again. It only rises, and never over a deal without one. Deals of an account come under its lock,
-- in the order of their numbers: none can come below a mark.
CREATE OR REPLACE FUNCTION treasury_postedmark_edge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_since bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        v_since := OLD.deal_id;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.deal_id < v_since
            OR (TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id) OR EXISTS (
        SELECT FROM execution_deal d
        WHERE d.account_id = NEW.account_id AND d.id > v_since AND d.id <= NEW.deal_id
            AND NOT EXISTS (SELECT FROM treasury_dealposting p WHERE p.deal_id = d.id)) THEN
        RAISE EXCEPTION 'the mark of posted deals does not pass a deal without a posting: % is refused',
            TG_OP USING ERRCODE = '23514', CONSTRAINT = 'treasury_postedmark_edge';
    END IF;
    RETURN NEW;
END $$;
