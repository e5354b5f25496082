-- What closed trades came to, by day, account and strategy: folded anew from the steps of cash of a
-- day whenever one of them is written, so that no report sums all trades.

-- Days of these steps as they come to now; what is kept of such a day and has no trade any more
-- comes to nothing. The steps of each day are looked up by themselves (OFFSET 0).
CREATE OR REPLACE FUNCTION treasury_trade_days_folded(p_due treasury_cash_due[])
    RETURNS TABLE (
        book text, day date, currency text, account_id bigint, strategy_id bigint, trades bigint,
        wins bigint, result numeric, costs numeric, net numeric, net_foreign numeric)
    LANGUAGE sql STABLE
    AS $$
    WITH due AS (
        SELECT DISTINCT one.book, one.currency, (one.at AT TIME ZONE 'UTC')::date AS day
        FROM unnest(p_due) one WHERE one.at IS NOT NULL
    ), trade AS (
        SELECT due.book, due.day, due.currency, p.account_id, p.strategy_id, 1 AS trades,
            (s.net > 0)::integer AS wins, p.profit AS result, s.net - p.profit AS costs, s.net,
            p.net_foreign
        FROM due
            CROSS JOIN LATERAL (
                SELECT place, net FROM treasury_cashstep one
                WHERE one.book = due.book AND one.currency_id = due.currency
                    AND one.at >= due.day::timestamp AT TIME ZONE 'UTC'
                    AND one.at < (due.day + 1)::timestamp AT TIME ZONE 'UTC' AND one.is_trade
                OFFSET 0) s
            JOIN execution_position p
                ON p.account_id = split_part(s.place, ':', 2)::bigint
                AND p.position_ticket = nullif(split_part(s.place, ':', 3), '')::bigint
        UNION ALL
        SELECT due.book, due.day, due.currency, kept.account_id, kept.strategy_id, 0, 0, 0, 0, 0, 0
        FROM due JOIN treasury_tradeday kept
            ON kept.book = due.book AND kept.day = due.day AND kept.currency_id = due.currency
    )
    SELECT book, day, currency, account_id, strategy_id, sum(trades), sum(wins), sum(result),
        sum(costs), sum(net), sum(net_foreign)
    FROM trade GROUP BY book, day, currency, account_id, strategy_id
$$;

-- Keep these days as they come to now.
CREATE OR REPLACE FUNCTION treasury_trade_days_write(p_due treasury_cash_due[]) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO treasury_tradeday
            (book, day, currency_id, account_id, strategy_id, trades, wins, result, costs, net,
            net_foreign)
        SELECT * FROM treasury_trade_days_folded(p_due)
    ON CONFLICT (book, day, currency_id, account_id, strategy_id) DO UPDATE SET
        trades = excluded.trades, wins = excluded.wins, result = excluded.result,
        costs = excluded.costs, net = excluded.net, net_foreign = excluded.net_foreign
$$;

-- After steps were written: the days on which they stand, and those on which they stood.
CREATE OR REPLACE FUNCTION treasury_trade_days_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_due treasury_cash_due[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((book, currency_id, at)::treasury_cash_due) INTO v_due
            FROM fresh WHERE is_trade;
    ELSE
        SELECT array_agg((book, currency_id, at)::treasury_cash_due) INTO v_due FROM (
            SELECT book, currency_id, at FROM fresh WHERE is_trade
            UNION SELECT book, currency_id, at FROM former WHERE is_trade) either;
    END IF;
    IF v_due IS NOT NULL THEN
        PERFORM treasury_trade_days_write(v_due);
    END IF;
    RETURN NULL;
END $$;
