-- The one clock. The test template replaces this function; nothing else may. Its body was read when
-- it was made, so no search_path of a caller touches it, and none is set: that way plans take it in.
CREATE FUNCTION events_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE
    RETURN pg_catalog.clock_timestamp();

CREATE FUNCTION events_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RAISE EXCEPTION '% rows are facts: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Append a new row that corrects the old one.';
END $$;
