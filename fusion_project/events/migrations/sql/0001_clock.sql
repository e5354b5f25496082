-- The one clock. The test template replaces this function; nothing else may. Its body was read when
-- it was made, so no search_path of a caller touches it; none is set, so that plans take it in.
CREATE OR REPLACE FUNCTION events_now() RETURNS timestamptz
    LANGUAGE sql VOLATILE
    RETURN pg_catalog.clock_timestamp();
