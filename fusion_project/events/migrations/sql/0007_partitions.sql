-- Tables that are partitioned by month: made ahead, closed as their parent is, dropped as a whole.
-- Each such table has functions of its own that call these; nobody else may.

-- Row triggers and their ALWAYS mark come down from the parent. The statement trigger, row security
-- and its policy do not, and default privileges may open what is made. The parent's policy
-- `our_roles` is written by `manage.py setup_roles`.
CREATE OR REPLACE FUNCTION events_partition_protect(p_parent text, p_partition text) RETURNS void
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
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', p_partition,
        p_parent || '_keeps_rows');
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
        WHERE p.schemaname = 'public' AND p.tablename = p_parent
            AND p.policyname = 'our_roles'
        HAVING count(*) > 0
    LOOP
        EXECUTE format('CREATE POLICY our_roles ON %I FOR ALL TO ', p_partition)
            || v_part.who || ' USING (true) WITH CHECK (true)';
    END LOOP;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', p_partition);
END $$;
REVOKE EXECUTE ON FUNCTION events_partition_protect(text, text) FROM PUBLIC;

-- Makes the partitions of this month and the next ones; `p_column` is what the table is parted by.
-- A month that already has rows in the default partition stays there. A partition needs the table
-- for itself, and while it waits behind a long reader such as a backup, every writer waits behind
-- it: so it gives up soon, and the next run tries again. Returns how many it made.
CREATE OR REPLACE FUNCTION events_partitions_make(p_parent text, p_column text, p_months integer)
    RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '300ms'
    AS $$
DECLARE
    v_start timestamptz;
    v_name text;
    v_is_begun boolean;
    v_made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('partitions of ' || p_parent, 0));
    FOR v_step IN 0 .. least(greatest(p_months, 0), 24) LOOP
        v_start := date_trunc('month', events_now()) + make_interval(months => v_step);
        v_name := p_parent || '_' || to_char(v_start, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || quote_ident(v_name)) IS NOT NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1 AND %I < $2)',
            p_parent || '_default', p_column, p_column)
            INTO v_is_begun USING v_start, v_start + interval '1 month';
        CONTINUE WHEN v_is_begun;
        BEGIN
            EXECUTE format(
                'CREATE TABLE public.%I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                v_name, p_parent, v_start, v_start + interval '1 month');
            PERFORM events_partition_protect(p_parent, v_name);
        EXCEPTION WHEN lock_not_available THEN
            RETURN v_made;
        END;
        v_made := v_made + 1;
    END LOOP;
    RETURN v_made;
END $$;
REVOKE EXECUTE ON FUNCTION events_partitions_make(text, text, integer) FROM PUBLIC;

-- Drops the months that lie wholly before this moment; never the default partition. Returns how
-- many. Like the making it gives up rather than hold others up.
CREATE OR REPLACE FUNCTION events_partitions_forget(p_parent text, p_before timestamptz)
    RETURNS integer
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '300ms'
    AS $$
DECLARE
    v_part record;
    v_gone integer := 0;
BEGIN
    FOR v_part IN
        SELECT c.relname, to_timestamp(right(c.relname, 7), 'YYYY_MM') AS month
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = p_parent::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
        ORDER BY c.relname
    LOOP
        CONTINUE WHEN v_part.month + interval '1 month' > p_before;
        BEGIN
            EXECUTE format('DROP TABLE public.%I', v_part.relname);
        EXCEPTION WHEN lock_not_available THEN
            RETURN v_gone;
        END;
        v_gone := v_gone + 1;
    END LOOP;
    RETURN v_gone;
END $$;
REVOKE EXECUTE ON FUNCTION events_partitions_forget(text, timestamptz) FROM PUBLIC;
