-- Row triggers and their ALWAYS mark come down from the parent. The statement trigger, row security
-- and its policy do not, and default privileges may open what is made. The parent's policy
-- `our_roles` is written by `manage.py setup_roles`.
CREATE OR REPLACE FUNCTION signals_delivery_protect(p_partition text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_part record;
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change()',
        p_partition || '_keeps_table', p_partition);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', p_partition,
        p_partition || '_keeps_table');
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER signals_delivery_keeps_rows', p_partition);
    FOR v_part IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC'
                ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = p_partition::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %I FROM ', p_partition) || v_part.who;
    END LOOP;
    FOR v_part IN
        SELECT string_agg(quote_ident(r.who), ', ') AS who
        FROM pg_policies p, unnest(p.roles) AS r (who)
        WHERE p.schemaname = 'public' AND p.tablename = 'signals_delivery'
            AND p.policyname = 'our_roles'
        HAVING count(*) > 0
    LOOP
        EXECUTE format('CREATE POLICY our_roles ON %I FOR ALL TO ', p_partition)
            || v_part.who || ' USING (true) WITH CHECK (true)';
    END LOOP;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', p_partition);
END $$;
REVOKE EXECUTE ON FUNCTION signals_delivery_protect(text) FROM PUBLIC;

-- Makes the partitions of this month and the next ones. A month that already has rows in the
-- default partition stays there. A partition needs the table for itself, and while it waits behind
-- a long reader such as a backup, every alert waits behind it: so it gives up soon, and the next
-- run tries again. Returns how many it made.
CREATE OR REPLACE FUNCTION signals_delivery_partitions(p_months integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '300ms'
    AS $$
DECLARE
    v_start timestamptz;
    v_name text;
    v_made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('signals.delivery_partitions', 0));
    FOR v_step IN 0 .. least(greatest(p_months, 0), 24) LOOP
        v_start := date_trunc('month', events_now()) + make_interval(months => v_step);
        v_name := 'signals_delivery_' || to_char(v_start, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || v_name) IS NOT NULL;
        CONTINUE WHEN EXISTS (
            SELECT FROM signals_delivery_default
            WHERE received_at >= v_start AND received_at < v_start + interval '1 month');
        BEGIN
            EXECUTE format(
                'CREATE TABLE public.%I PARTITION OF signals_delivery FOR VALUES FROM (%L) TO (%L)',
                v_name, v_start, v_start + interval '1 month');
            PERFORM signals_delivery_protect(v_name);
        EXCEPTION WHEN lock_not_available THEN
            RETURN v_made;
        END;
        v_made := v_made + 1;
    END LOOP;
    RETURN v_made;
END $$;
