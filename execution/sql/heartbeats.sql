-- Makes the partitions of this month and the next ones; returns how many.
CREATE OR REPLACE FUNCTION execution_heartbeat_partitions(p_months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN events_partitions_make('execution_heartbeat', 'at', p_months);
END $$;

-- Drops the months that lie wholly further back than so many days, a month at least, whoever asks.
CREATE OR REPLACE FUNCTION execution_heartbeat_forget(p_days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN events_partitions_forget('execution_heartbeat',
        events_now() - make_interval(days => greatest(p_days, 31)));
END $$;
