-- Realised cash as steps: one for each position, at its closing, and one for each entry beside all
-- positions. Steps and runs of steps are kept, so that no line sums all of history; a reader takes
-- places that changed since the mark anew (treasury/selectors/cash.py).

-- Which places entries after `p_since` up to `p_upto` have moved cash of; ticket 0: no position's.
-- A reversal belongs to the deal whose entry it takes back.
CREATE OR REPLACE FUNCTION treasury_cash_touched(p_since bigint, p_upto bigint)
    RETURNS TABLE (entry_id bigint, account_id bigint, position_ticket bigint)
    LANGUAGE sql STABLE
    AS $$
    SELECT DISTINCT e.id, d.account_id, coalesce(d.position_ticket, 0)
    FROM treasury_line l
        JOIN treasury_ledgeraccount a ON a.id = l.account_id AND a.code LIKE 'Assets:Broker:%:Cash'
        JOIN treasury_entry e ON e.id = l.entry_id
        LEFT JOIN treasury_dealposting p ON p.entry_id = coalesce(e.reverses_id, e.id)
        LEFT JOIN execution_deal d ON d.id = p.deal_id
    WHERE l.entry_id > p_since AND l.entry_id <= p_upto
$$;

-- p_places: JSON array of {account_id, position_ticket, closed_at, is_ours, net}, as they stand.
-- A closed position that an order of ours opened is a trade, at its closing, posted or not; cash of
-- one that others opened is a step once it is closed, cash without a trading deal at once. Of an
-- open position nothing is told: `at` is null.
CREATE OR REPLACE FUNCTION treasury_cash_of_positions(p_places json, p_until timestamptz)
    RETURNS TABLE (
        place text, book text, currency text, at timestamptz, change numeric, has_cash boolean,
        is_trade boolean, net numeric)
    LANGUAGE sql STABLE
    AS $$
    WITH place AS (
        SELECT * FROM json_to_recordset(p_places) AS one (
            account_id bigint, position_ticket bigint, closed_at timestamptz, is_ours boolean,
            net numeric)
    ), cash AS (
        SELECT one.account_id, one.position_ticket, l.currency_id AS currency,
            sum(l.amount) AS change, max(e.event_at) AS at,
            bool_or(d.kind IN ('buy', 'sell')) AS has_trades
        FROM place one
            JOIN execution_deal d
                ON d.account_id = one.account_id AND d.position_ticket = one.position_ticket
            JOIN treasury_dealposting p ON p.deal_id = d.id
            CROSS JOIN LATERAL (
                SELECT p.entry_id AS id
                UNION ALL SELECT id FROM treasury_entry WHERE reverses_id = p.entry_id) both_sides
            JOIN treasury_entry e ON e.id = both_sides.id AND e.recorded_at <= p_until
            JOIN treasury_line l ON l.entry_id = e.id
            JOIN treasury_ledgeraccount a
                ON a.id = l.account_id AND a.code LIKE 'Assets:Broker:%:Cash'
        GROUP BY one.account_id, one.position_ticket, l.currency_id
    )
    SELECT 'position:' || one.account_id || ':' || one.position_ticket, b.book,
        coalesce(c.currency, b.currency),
        CASE
            WHEN told.is_trade THEN one.closed_at
            WHEN one.closed_at IS NOT NULL OR NOT c.has_trades THEN c.at
        END,
        coalesce(c.change, 0), c.currency IS NOT NULL, told.is_trade,
        CASE WHEN told.is_trade THEN one.net END
    FROM place one JOIN execution_brokeraccount b ON b.id = one.account_id
        CROSS JOIN LATERAL (
            SELECT one.is_ours AND one.closed_at IS NOT NULL AS is_trade) told
        LEFT JOIN cash c
            ON c.account_id = one.account_id AND c.position_ticket = one.position_ticket
    WHERE told.is_trade OR c.currency IS NOT NULL
$$;

-- Entries after `p_since` up to `p_upto` that belong to no position: a step each.
CREATE OR REPLACE FUNCTION treasury_cash_beside(
    p_since bigint, p_upto bigint, p_until timestamptz
) RETURNS TABLE (
        place text, book text, currency text, at timestamptz, change numeric, has_cash boolean,
        is_trade boolean, net numeric)
    LANGUAGE sql STABLE
    AS $$
    SELECT 'entry:' || e.id, e.book, l.currency_id, e.event_at, sum(l.amount), true, false,
        NULL::numeric
    FROM treasury_cash_touched(p_since, p_upto) t
        JOIN treasury_entry e ON e.id = t.entry_id AND e.recorded_at <= p_until
        JOIN treasury_line l ON l.entry_id = e.id
        JOIN treasury_ledgeraccount a ON a.id = l.account_id AND a.code LIKE 'Assets:Broker:%:Cash'
    WHERE t.position_ticket = 0
    GROUP BY e.id, l.currency_id
$$;

-- How long a run of this level is; those of level -1 are single steps (treasury/rules/runs.py).
CREATE OR REPLACE FUNCTION treasury_cash_width(p_level integer) RETURNS interval
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT make_interval(secs => 16 * 16 ^ p_level) $$;

-- Runs of this level that hold one of these moments, folded anew from those of the level below.
CREATE OR REPLACE FUNCTION treasury_cash_folded(p_level integer, p_due treasury_cash_due[])
    RETURNS TABLE (
        book text, currency text, level integer, starts timestamptz, steps bigint,
        change numeric, opening numeric, first_at timestamptz, last_at timestamptz,
        low numeric, low_at timestamptz, high numeric, high_at timestamptz,
        trades bigint, trades_posted bigint, trades_change numeric, net numeric,
        wins bigint, won numeric, losses bigint, lost numeric)
    LANGUAGE sql STABLE
    AS $$
    WITH due AS (
        SELECT DISTINCT one.book, one.currency,
            date_bin(treasury_cash_width(p_level), one.at, 'epoch') AS starts
        FROM unnest(p_due) one
    ), part AS (
        SELECT due.starts AS run_starts, part.*, sum(part.change) OVER (
                PARTITION BY part.book, part.currency_id, due.starts
                ORDER BY part.starts, part.place COLLATE "C" ROWS UNBOUNDED PRECEDING
            ) - part.change AS base
        FROM due JOIN treasury_cashpart part
            ON part.book = due.book AND part.currency_id = due.currency
            AND part.level = p_level - 1 AND part.starts >= due.starts
            AND part.starts < due.starts + treasury_cash_width(p_level)
    )
    SELECT due.book, due.currency, p_level, due.starts, coalesce(sum(part.steps), 0)::bigint,
        coalesce(sum(part.change), 0),
        (array_agg(part.opening ORDER BY part.starts, part.place COLLATE "C")
            FILTER (WHERE part.steps > 0))[1],
        min(part.first_at), max(part.last_at),
        min(part.base + part.low),
        (array_agg(part.low_at ORDER BY part.base + part.low, part.low_at)
            FILTER (WHERE part.steps > 0))[1],
        max(part.base + part.high),
        (array_agg(part.high_at ORDER BY part.base + part.high DESC, part.high_at)
            FILTER (WHERE part.steps > 0))[1],
        coalesce(sum(part.trades), 0)::bigint, coalesce(sum(part.trades_posted), 0)::bigint,
        coalesce(sum(part.trades_change), 0), coalesce(sum(part.net), 0),
        coalesce(sum(part.wins), 0)::bigint, coalesce(sum(part.won), 0),
        coalesce(sum(part.losses), 0)::bigint, coalesce(sum(part.lost), 0)
    FROM due LEFT JOIN part
        ON part.book = due.book AND part.currency_id = due.currency
        AND part.run_starts = due.starts
    GROUP BY due.book, due.currency, due.starts
$$;

-- Write the steps of these places, and fold the runs in which they stood or stand.
CREATE OR REPLACE FUNCTION treasury_cash_write(p_places json, p_since bigint, p_upto bigint)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_due treasury_cash_due[];
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT * FROM treasury_cash_of_positions(p_places, 'infinity')
        UNION ALL SELECT * FROM treasury_cash_beside(p_since, p_upto, 'infinity')
    ), former AS (
        SELECT s.book, s.currency_id, s.at
        FROM fresh JOIN treasury_cashstep s
            ON s.place = fresh.place AND s.currency_id = fresh.currency
    ), written AS (
        INSERT INTO treasury_cashstep AS s
                (place, book, currency_id, at, change, has_cash, is_trade, net)
            SELECT * FROM fresh
        ON CONFLICT (place, currency_id) DO UPDATE SET at = excluded.at, change = excluded.change,
            has_cash = excluded.has_cash, is_trade = excluded.is_trade, net = excluded.net
        RETURNING s.book, s.currency_id, s.at
    )
    SELECT array_agg((book, currency_id, at)::treasury_cash_due) INTO v_due
        FROM (SELECT * FROM former UNION SELECT * FROM written) both_of WHERE at IS NOT NULL;
    FOR v_level IN 0..4 LOOP
        INSERT INTO treasury_cashrun
                (book, currency_id, level, starts, steps, change, opening, first_at, last_at, low,
                low_at, high, high_at, trades, trades_posted, trades_change, net, wins, won,
                losses, lost)
            SELECT * FROM treasury_cash_folded(v_level, v_due)
        ON CONFLICT (book, currency_id, level, starts) DO UPDATE SET
            steps = excluded.steps, change = excluded.change, opening = excluded.opening,
            first_at = excluded.first_at, last_at = excluded.last_at, low = excluded.low,
            low_at = excluded.low_at, high = excluded.high, high_at = excluded.high_at,
            trades = excluded.trades, trades_posted = excluded.trades_posted,
            trades_change = excluded.trades_change, net = excluded.net, wins = excluded.wins,
            won = excluded.won, losses = excluded.losses, lost = excluded.lost;
    END LOOP;
END $$;

-- Positions whose cash entries moved, or that were closed or opened again, as they stand now.
CREATE OR REPLACE FUNCTION treasury_cash_places(
    p_entry_since bigint, p_entry bigint, p_event_since bigint, p_event bigint
) RETURNS json
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(json_agg(json_build_object(
        'account_id', account_id, 'position_ticket', position_ticket,
        'closed_at', p.closed_at, 'is_ours', p.order_id IS NOT NULL, 'net', p.net)), '[]')
    FROM (
        SELECT account_id, position_ticket
        FROM treasury_cash_touched(p_entry_since, p_entry) WHERE position_ticket <> 0
        UNION SELECT p.account_id, p.position_ticket
        FROM events_event e JOIN execution_position p
            ON p.id = split_part(e.subject, ':', 2)::bigint
        WHERE e.name IN ('position.closed', 'position.reopened')
            AND e.id > p_event_since AND e.id <= p_event) touched
        LEFT JOIN execution_position p USING (account_id, position_ticket)
$$;

-- Go on over at most `p_most` entries and as many events of positions, none younger than 15 s
-- and none that another can still come before (the floor of the seal). Returns over how many.
CREATE OR REPLACE FUNCTION treasury_cash_keep(p_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_cut timestamptz := events_now() - interval '15 seconds';
    v_since treasury_cashmark;
    v_entry bigint;
    v_event bigint;
    v_entries bigint;
    v_events bigint;
    v_done text;
BEGIN
    LOCK TABLE treasury_cashmark IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO v_since FROM treasury_cashmark;
    v_since.entry_id := coalesce(v_since.entry_id, 0);
    v_since.event_id := coalesce(v_since.event_id, 0);
    SELECT max(id), count(*) INTO v_entry, v_entries FROM (
        SELECT id, bool_and(recorded_at <= v_cut) OVER (ORDER BY id) AS is_old FROM (
            SELECT id, recorded_at FROM treasury_entry
            WHERE id > v_since.entry_id AND id <= events_seal_floor('treasury')
            ORDER BY id LIMIT p_most) entry) entry WHERE is_old;
    SELECT max(id), count(*) INTO v_event, v_events FROM (
        SELECT id, bool_and(at <= v_cut) OVER (ORDER BY id) AS is_old FROM (
            SELECT id, at FROM events_event
            WHERE name IN ('position.closed', 'position.reopened')
                AND id > v_since.event_id AND id <= events_seal_floor('events')
            ORDER BY id LIMIT p_most) event) event WHERE is_old;
    IF v_entries + v_events = 0 THEN
        RETURN 0;
    END IF;
    v_entry := coalesce(v_entry, v_since.entry_id);
    v_event := coalesce(v_event, v_since.event_id);
    v_done := treasury_cash_write(
        treasury_cash_places(v_since.entry_id, v_entry, v_since.event_id, v_event),
        v_since.entry_id, v_entry)::text;
    INSERT INTO treasury_cashmark (id, entry_id, event_id, recorded_until)
        VALUES (1, v_entry, v_event, v_cut)
    ON CONFLICT (id) DO UPDATE SET entry_id = excluded.entry_id, event_id = excluded.event_id,
        recorded_until = greatest(treasury_cashmark.recorded_until, excluded.recorded_until);
    RETURN v_entries + v_events;
END $$;
