-- An epoch follows the one before and holds its hash.
CREATE OR REPLACE FUNCTION tokens_reserves_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_before tokens_reservesnapshot;
BEGIN
    SELECT * INTO v_before FROM tokens_reservesnapshot
        WHERE book = NEW.book ORDER BY epoch DESC LIMIT 1;
    IF NEW.epoch <> coalesce(v_before.epoch, 0) + 1
        OR NEW.previous <> coalesce(v_before.sha256, repeat('0', 64))
        OR NEW.statement::json ->> 'previous' <> NEW.previous
        OR NEW.statement::json ->> 'book' <> NEW.book
        OR (NEW.statement::json ->> 'epoch')::bigint <> NEW.epoch THEN
        RAISE EXCEPTION 'epoch % of the % book does not follow the one before', NEW.epoch, NEW.book
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_reserves_chain';
    END IF;
    RETURN NEW;
END $$;
