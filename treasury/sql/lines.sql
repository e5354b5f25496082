-- The triggers on lines. They see all lines of the statement at once, whatever statement it was
-- (INSERT, COPY, MERGE), and do not wait for commit, so SET CONSTRAINTS has no say. Lines cannot be
-- changed or removed: every statement balanced means every entry balanced. Each function is a
-- trigger of its own, as a called one would not see the statement's lines; they fire in the order
-- below, which is that of the triggers' names.

-- Lines come with their entry, all in one statement.
CREATE OR REPLACE FUNCTION treasury_line_entry() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    -- Foreign keys sleep under session_replication_role = replica; these joins do not.
    SELECT l.entry_id INTO v_bad
        FROM added l LEFT JOIN treasury_entry e ON e.id = l.entry_id
        WHERE e.id IS NULL OR e.xid <> pg_current_xact_id()
            OR e.cluster <> (SELECT events_cluster())
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % was written by another transaction; lines come with their entry',
            v_bad.entry_id USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_same_transaction';
    END IF;

    SELECT l.entry_id INTO v_bad
        FROM added l JOIN treasury_leaf leaf ON leaf.entry_id = l.entry_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is closed; all its lines come in one statement', v_bad.entry_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_entry_open';
    END IF;
    RETURN NULL;
END $$;

-- A line's account is of the entry's book and in the line's currency.
CREATE OR REPLACE FUNCTION treasury_line_account() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT l.entry_id, l.account_id INTO v_bad
        FROM added l JOIN treasury_entry e ON e.id = l.entry_id
        LEFT JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE a.id IS NULL OR a.book <> e.book LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry %: account % is not in the entry''s book',
            v_bad.entry_id, v_bad.account_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_same_book';
    END IF;

    SELECT l.entry_id, l.currency_id, a.currency_id AS wanted, a.code INTO v_bad
        FROM added l JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE a.currency_id <> l.currency_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry %: account % is in %, the line in %',
            v_bad.entry_id, v_bad.code, v_bad.wanted, v_bad.currency_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_account_currency';
    END IF;
    RETURN NULL;
END $$;

-- Amounts have no more digits than their currency and sum to zero.
CREATE OR REPLACE FUNCTION treasury_line_sums() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT l.entry_id, l.amount, l.currency_id, c.scale INTO v_bad
        FROM added l LEFT JOIN treasury_currency c ON c.code = l.currency_id
        WHERE c.code IS NULL OR l.amount <> round(l.amount, c.scale) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry %: % % has more than % digits',
            v_bad.entry_id, v_bad.amount, v_bad.currency_id, v_bad.scale
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_scale';
    END IF;

    SELECT l.entry_id, l.currency_id, sum(l.amount) AS total INTO v_bad
        FROM added l GROUP BY l.entry_id, l.currency_id HAVING sum(l.amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry %: % sums to %, not to zero',
            v_bad.entry_id, v_bad.currency_id, v_bad.total
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_sum_zero';
    END IF;

    -- A single line that sums to zero would be zero or NaN; kept as a second road.
    SELECT l.entry_id INTO v_bad
        FROM added l GROUP BY l.entry_id HAVING count(*) < 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % has fewer than two lines', v_bad.entry_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_two_or_more';
    END IF;
    RETURN NULL;
END $$;

-- A reversal is the exact mirror of an entry that is not itself a reversal.
CREATE OR REPLACE FUNCTION treasury_line_mirror() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT r.id INTO v_bad
        FROM treasury_entry r LEFT JOIN treasury_entry o ON o.id = r.reverses_id
        WHERE r.id IN (SELECT entry_id FROM added) AND r.reverses_id IS NOT NULL
            AND (o.id IS NULL OR o.reverses_id IS NOT NULL OR EXISTS (
                SELECT FROM treasury_line both_sides
                WHERE both_sides.entry_id IN (r.id, o.id)
                GROUP BY both_sides.account_id HAVING sum(both_sides.amount) <> 0))
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is not the mirror of the entry it reverses', v_bad.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_reversal_mirrors';
    END IF;
    RETURN NULL;
END $$;

-- What follows from good lines: the entry's hash, balances that keep their floors, and the ends of
-- holds that the entries take.
CREATE OR REPLACE FUNCTION treasury_line_booked() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
    v_holds bigint[];
BEGIN
    INSERT INTO treasury_leaf (entry_id, sha256)
        SELECT e.entry_id, encode(sha256(treasury_leaf_bytes(e.entry_id)), 'hex')
        FROM (SELECT DISTINCT entry_id FROM added ORDER BY entry_id) e;
    v_holds := treasury_holds_of(ARRAY(SELECT DISTINCT entry_id FROM added));

    -- Always in account order, so that two postings wait for each other but never for ever.
    WITH moved AS (
        INSERT INTO treasury_balance AS b (account_id, amount, updated_at)
            SELECT l.account_id, sum(l.amount), events_now()
            FROM added l JOIN treasury_ledgeraccount a ON a.id = l.account_id AND a.tracked
            GROUP BY l.account_id ORDER BY l.account_id
        ON CONFLICT (account_id) DO UPDATE
            SET amount = b.amount + excluded.amount, updated_at = excluded.updated_at
        RETURNING b.account_id, b.amount, b.held
    ), own AS (
        SELECT account_id, sum(amount) AS amount FROM treasury_hold
        WHERE id = ANY (v_holds) GROUP BY account_id
    )
    SELECT a.code, a.floor, m.amount, m.held - coalesce(own.amount, 0) AS held INTO v_bad
        FROM moved m JOIN treasury_ledgeraccount a ON a.id = m.account_id
            LEFT JOIN own ON own.account_id = m.account_id
        WHERE CASE WHEN a.kind IN ('asset', 'expense') THEN m.amount ELSE -m.amount END
            - m.held + coalesce(own.amount, 0) < a.floor
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would stand at %, of which % is held, below its floor of %',
            v_bad.code, v_bad.amount, v_bad.held, v_bad.floor
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_balance_floor';
    END IF;

    IF cardinality(v_holds) > 0 THEN
        UPDATE treasury_hold h SET state = 'posted', entry_id = e.id, ended_by = 'system',
                ended_at = events_now()
            FROM treasury_entry e WHERE h.id = ANY (v_holds) AND e.idem_key = h.entry_key;
    END IF;
    RETURN NULL;
END $$;
