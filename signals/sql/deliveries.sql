-- A new month of deliveries is closed as their table is.
CREATE OR REPLACE FUNCTION signals_delivery_protect(p_partition text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    PERFORM events_partition_protect('signals_delivery', p_partition);
END $$;
REVOKE EXECUTE ON FUNCTION signals_delivery_protect(text) FROM PUBLIC;

-- Makes the partitions of this month and the next ones; returns how many.
CREATE OR REPLACE FUNCTION signals_delivery_partitions(p_months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN events_partitions_make('signals_delivery', 'received_at', p_months);
END $$;
