-- Closed periods: what of a book happened before a moment and was booked by then, account by
-- account. A statement is made once, in one place, and what is in it is fixed by two facts that
-- never change: an entry's number and when it happened.

-- When a month or a day ends, in UTC.
CREATE OR REPLACE FUNCTION treasury_period_ends(p_period text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT (CASE length(p_period)
        WHEN 7 THEN (p_period || '-01')::date + interval '1 month'
        ELSE p_period::date + interval '1 day' END) AT TIME ZONE 'UTC'
$$;

-- Entries that a close takes in beside those of the close before it.
CREATE OR REPLACE FUNCTION treasury_period_entries(p_close treasury_periodclose)
    RETURNS TABLE (entry_id bigint, event_at timestamptz)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT e.id, e.event_at FROM treasury_entry e
    WHERE e.book = p_close.book AND e.id <= p_close.cutoff_id AND e.event_at < p_close.ends_at
        AND (p_close.previous_id IS NULL OR e.event_at >= p_close.starts_at OR e.id > (
            SELECT cutoff_id FROM treasury_periodclose WHERE id = p_close.previous_id))
$$;

-- The figures of a close, from the lines and the statement before it.
CREATE OR REPLACE FUNCTION treasury_period_figures(p_close treasury_periodclose)
    RETURNS TABLE (
        account_id bigint, opening numeric, debit numeric, credit numeric, adjusted numeric,
        closing numeric)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH moved AS (
        SELECT l.account_id, coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
            coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit,
            coalesce(sum(l.amount) FILTER (WHERE e.event_at < p_close.starts_at), 0) AS adjusted
        FROM treasury_period_entries(p_close) e JOIN treasury_line l ON l.entry_id = e.entry_id
        GROUP BY l.account_id
    ), stood AS (
        SELECT f.account_id, f.closing FROM treasury_periodfigure f
        WHERE f.close_id = p_close.previous_id
    )
    SELECT account_id, coalesce(s.closing, 0), coalesce(m.debit, 0), coalesce(m.credit, 0),
        coalesce(m.adjusted, 0),
        coalesce(s.closing, 0) + coalesce(m.debit, 0) - coalesce(m.credit, 0)
    FROM moved m FULL JOIN stood s USING (account_id)
$$;

-- What a close has booked for periods that were closed before it.
CREATE OR REPLACE FUNCTION treasury_period_adjustments(p_close treasury_periodclose)
    RETURNS TABLE (entry_id bigint, belongs_to bigint)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT e.entry_id, former.id
    FROM treasury_period_entries(p_close) e CROSS JOIN LATERAL (
        SELECT c.id FROM treasury_periodclose c
        WHERE c.book = p_close.book AND c.ends_at > e.event_at AND c.ends_at <= p_close.starts_at
        ORDER BY c.ends_at LIMIT 1) former
    WHERE e.event_at < p_close.starts_at
$$;

-- The bytes that are hashed for a close: all that it says, and the hash of the one before it.
CREATE OR REPLACE FUNCTION treasury_period_bytes(p_close treasury_periodclose) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT convert_to(events_field('df.period.v1')
        || events_field((SELECT sha256 FROM treasury_periodclose WHERE id = p_close.previous_id))
        || events_field(p_close.book) || events_field(p_close.period)
        || events_field(events_microseconds(p_close.starts_at))
        || events_field(events_microseconds(p_close.ends_at))
        || events_field(p_close.cutoff_id::text)
        || events_field(events_microseconds(p_close.closed_at)) || events_field(p_close.closed_by)
        || events_field(figure.count::text) || figure.fields
        || events_field(adjustment.count::text) || adjustment.fields, 'UTF8')
    FROM (
        SELECT count(*) AS count, coalesce(string_agg(
            events_field(a.code) || events_field(a.currency_id) || events_field(f.opening::text)
            || events_field(f.debit::text) || events_field(f.credit::text)
            || events_field(f.adjusted::text) || events_field(f.closing::text),
            '' ORDER BY a.code COLLATE "C"), '') AS fields
        FROM treasury_periodfigure f JOIN treasury_ledgeraccount a ON a.id = f.account_id
        WHERE f.close_id = p_close.id
    ) figure, (
        SELECT count(*) AS count, coalesce(string_agg(
            events_field(b.entry_id::text) || events_field(c.period),
            '' ORDER BY b.entry_id), '') AS fields
        FROM treasury_periodadjustment b JOIN treasury_periodclose c ON c.id = b.belongs_to_id
        WHERE b.close_id = p_close.id
    ) adjustment
$$;

-- The first reason why the book's figures up to that moment cannot be counted on now; null: none.
-- An account counts once money of it was booked.
CREATE OR REPLACE FUNCTION treasury_period_hindered(p_book text, p_ends timestamptz) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH account AS (
        SELECT a.id, a.name FROM execution_brokeraccount a WHERE a.book = p_book
    )
    SELECT reason FROM (
        SELECT 1 AS n, 'deal ' || d.ticket || ' is in quarantine' AS reason
        FROM treasury_dealposting p JOIN execution_deal d ON d.id = p.deal_id
            JOIN account a ON a.id = d.account_id
        WHERE p.state = 'quarantined'
        UNION ALL SELECT 2, 'deal ' || d.ticket || ' is not posted'
        FROM account a LEFT JOIN treasury_postedmark m ON m.account_id = a.id
            JOIN execution_deal d ON d.account_id = a.id AND d.id > coalesce(m.deal_id, 0)
        WHERE NOT EXISTS (SELECT FROM treasury_dealposting p WHERE p.deal_id = d.id)
        UNION ALL SELECT 3, a.name || ' was not compared with its broker since the end'
        FROM account a LEFT JOIN treasury_accountcheck k ON k.account_id = a.id AND k.kind = 'cash'
        WHERE (k.heartbeat_at IS NULL OR k.heartbeat_at < p_ends
                OR k.heartbeat_at < events_now() - interval '2 minutes')
            AND EXISTS (
                SELECT FROM execution_deal d JOIN treasury_dealposting p ON p.deal_id = d.id
                WHERE d.account_id = a.id AND p.state = 'posted')
        UNION ALL SELECT 4, a.name || ': ' || k.kind || ' is ' || k.state
        FROM account a JOIN treasury_accountcheck k ON k.account_id = a.id
        WHERE k.state IN ('differs', 'blind') OR (k.state = 'not_told' AND k.ours <> 0)
    ) found ORDER BY n LIMIT 1
$$;

-- The close that would be made of a period now, not stored: it begins where the last one ended.
CREATE OR REPLACE FUNCTION treasury_period_next(p_book text, p_period text, p_actor text)
    RETURNS treasury_periodclose
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_close treasury_periodclose;
    v_reason text;
BEGIN
    SELECT id, ends_at INTO v_close.previous_id, v_close.starts_at FROM treasury_periodclose
        WHERE book = p_book ORDER BY ends_at DESC LIMIT 1;
    v_close.book := p_book;
    v_close.period := p_period;
    v_close.ends_at := treasury_period_ends(p_period);
    v_close.closed_at := events_now();
    v_close.closed_by := p_actor;
    SELECT max(id) INTO v_close.cutoff_id FROM treasury_entry WHERE book = p_book;
    v_reason := CASE
        WHEN v_close.ends_at > v_close.closed_at THEN 'it is not over'
        WHEN v_close.ends_at <= v_close.starts_at THEN 'a later one is closed already'
        WHEN v_close.cutoff_id IS NULL THEN 'nothing was booked yet'
        ELSE treasury_period_hindered(p_book, v_close.ends_at) END;
    IF v_reason IS NOT NULL THEN
        RAISE EXCEPTION 'period % of the % book cannot be closed: %', p_period, p_book, v_reason
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_period_hindered';
    END IF;
    RETURN v_close;
END $$;

-- Close a period of a book; one that is closed already is answered as it is. Returns its number.
-- Whoever posts waits, a moment: a number that was drawn before and is used after is refused by
-- `treasury_entry_period_is_open`, and its caller posts again with a fresh one.
CREATE OR REPLACE FUNCTION treasury_period_close(p_book text, p_period text, p_actor text)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_close treasury_periodclose;
BEGIN
    LOCK TABLE treasury_entry IN SHARE ROW EXCLUSIVE MODE;
    SELECT id INTO v_close.id FROM treasury_periodclose WHERE book = p_book AND period = p_period;
    IF FOUND THEN
        RETURN v_close.id;
    END IF;
    v_close := treasury_period_next(p_book, p_period, p_actor);
    v_close.id := nextval(pg_get_serial_sequence('treasury_periodclose', 'id'));
    INSERT INTO treasury_periodfigure
            (close_id, account_id, opening, debit, credit, adjusted, closing)
        SELECT v_close.id, f.* FROM treasury_period_figures(v_close) f;
    INSERT INTO treasury_periodadjustment (close_id, entry_id, belongs_to_id)
        SELECT v_close.id, a.* FROM treasury_period_adjustments(v_close) a;
    v_close.sha256 := encode(sha256(treasury_period_bytes(v_close)), 'hex');
    INSERT INTO treasury_periodclose SELECT v_close.*;
    RETURN v_close.id;
END $$;

-- Nothing is written among the entries of a closed period.
CREATE OR REPLACE FUNCTION treasury_entry_period_is_open() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT e.id, c.period, c.book INTO v_bad
        FROM added e JOIN treasury_periodclose c ON c.book = e.book AND c.cutoff_id >= e.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry %: period % of the % book is closed',
            v_bad.id, v_bad.period, v_bad.book
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_period_is_closed';
    END IF;
    RETURN NULL;
END $$;

-- What open positions stood at is booked by a close alone, at its end, and taken back where the
-- next period begins. At commit.
CREATE OR REPLACE FUNCTION treasury_unrealised_of_close() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM treasury_periodclose c JOIN treasury_entry r ON r.reverses_id = NEW.id
        WHERE c.book = NEW.book
            AND NEW.idem_key LIKE 'unrealised:' || c.book || ':' || c.period || ':%'
            AND NEW.id <= c.cutoff_id AND r.id <= c.cutoff_id
            AND NEW.event_at < c.ends_at AND r.event_at = c.ends_at)
    OR EXISTS (
        SELECT FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE l.entry_id = NEW.id AND a.code NOT LIKE 'Assets:Broker:%:Unrealised'
            AND a.code NOT LIKE 'Income:Unrealised:%') THEN
        RAISE EXCEPTION 'entry %: no close of a period has made it', NEW.idem_key
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_unrealised_of_close';
    END IF;
    RETURN NULL;
END $$;
