CREATE TYPE treasury_cash_due AS (book text, currency text, at timestamptz);

-- Steps as runs of one, below the runs that are kept.
CREATE VIEW treasury_cashpart WITH (security_invoker = true) AS
    SELECT book, currency_id, -1 AS level, at AS starts, place,
        has_cash::integer::bigint AS steps, change,
        CASE WHEN has_cash THEN change END AS opening,
        CASE WHEN has_cash THEN at END AS first_at, CASE WHEN has_cash THEN at END AS last_at,
        CASE WHEN has_cash THEN change END AS low, CASE WHEN has_cash THEN at END AS low_at,
        CASE WHEN has_cash THEN change END AS high, CASE WHEN has_cash THEN at END AS high_at,
        is_trade::integer::bigint AS trades,
        (is_trade AND has_cash)::integer::bigint AS trades_posted,
        CASE WHEN is_trade THEN change ELSE 0 END AS trades_change, coalesce(net, 0) AS net,
        coalesce(net > 0, false)::integer::bigint AS wins,
        greatest(coalesce(net, 0), 0) AS won,
        coalesce(net < 0, false)::integer::bigint AS losses, least(coalesce(net, 0), 0) AS lost
    FROM treasury_cashstep WHERE at IS NOT NULL
    UNION ALL
    SELECT book, currency_id, level, starts, '' AS place, steps, change, opening, first_at, last_at, low,
        low_at, high, high_at, trades, trades_posted, trades_change, net, wins, won, losses, lost
    FROM treasury_cashrun;
