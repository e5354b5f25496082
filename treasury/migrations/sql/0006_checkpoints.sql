-- Sums that stay, so that no read sums all of history: what each account got up to an entry before
-- which no other can come any more (the floor of the seal, `events_seal_floor`).

-- Write the next checkpoint of every account that got lines since the last one, over at most
-- `p_entries_max` entries; nothing below `p_entries_min`. Returns over how many it went.
CREATE OR REPLACE FUNCTION treasury_checkpoint_next(p_entries_min integer, p_entries_max integer)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_since bigint;
    v_until bigint;
    v_count bigint;
    v_recorded timestamptz;
BEGIN
    LOCK TABLE treasury_checkpoint IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(entry_id), max(recorded_until) INTO v_since, v_recorded FROM (
        SELECT entry_id, recorded_until FROM treasury_checkpoint ORDER BY entry_id DESC LIMIT 1) c;
    SELECT max(id), count(*), greatest(v_recorded, max(recorded_at))
        INTO v_until, v_count, v_recorded
        FROM (
            SELECT id, recorded_at FROM treasury_entry
            WHERE id > coalesce(v_since, 0) AND id <= events_seal_floor('treasury')
            ORDER BY id LIMIT p_entries_max) e;
    IF v_count = 0 OR v_count < p_entries_min THEN
        RETURN 0;
    END IF;
    INSERT INTO treasury_checkpoint (account_id, entry_id, debit, credit, recorded_until)
        SELECT added.account_id, v_until, added.debit + coalesce(kept.debit, 0),
            added.credit + coalesce(kept.credit, 0), v_recorded
        FROM (
            SELECT account_id, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit,
                coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS credit
            FROM treasury_line WHERE entry_id > coalesce(v_since, 0) AND entry_id <= v_until
            GROUP BY account_id) added
        LEFT JOIN LATERAL (
            SELECT debit, credit FROM treasury_checkpoint c
            WHERE c.account_id = added.account_id ORDER BY entry_id DESC LIMIT 1) kept ON TRUE;
    RETURN v_count;
END $$;
