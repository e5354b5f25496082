-- Order numbers, which brokers keep as magic numbers. A database that was restored has forgotten
-- those that it gave since its dump; an old deal must not be taken for a later order's.

-- Where numbers are given: another cluster, timeline, database or table after a restore.
CREATE OR REPLACE FUNCTION execution_order_place() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT concat_ws(':', s.system_identifier, c.timeline_id, d.oid,
        'public.execution_order'::regclass::oid)
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
    WHERE d.datname = current_database()
$$;

-- Let numbers go on beyond one that a broker shows. Ours share the part above 32 bits, which is
-- drawn once for each database: other numbers never meet them.
CREATE OR REPLACE FUNCTION execution_order_numbers_pass(p_magic bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    v_sequence regclass := pg_get_serial_sequence('public.execution_order', 'id');
    v_last bigint := pg_sequence_last_value(v_sequence);
BEGIN
    IF p_magic >> 32 = v_last >> 32 AND p_magic > v_last THEN
        PERFORM setval(v_sequence, p_magic);
    END IF;
END $$;

-- At a new place numbers go on a million beyond: what was given meanwhile is seen by and by only.
CREATE OR REPLACE FUNCTION execution_order_numbered() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_sequence regclass := pg_get_serial_sequence('public.execution_order', 'id');
    v_place text := execution_order_place();
BEGIN
    IF EXISTS (SELECT FROM execution_orderplace WHERE place = v_place) THEN
        RETURN NEW;
    END IF;
    INSERT INTO execution_orderplace (place, since) VALUES (v_place, events_now())
        ON CONFLICT DO NOTHING;
    IF EXISTS (SELECT FROM execution_orderplace WHERE place <> v_place) THEN
        PERFORM setval(v_sequence, nextval(v_sequence) + (1 << 20));
        NEW.id := nextval(v_sequence);
    END IF;
    RETURN NEW;
END $$;
