-- What bounds every account until somebody sets it otherwise: wide enough for paper, and finite.
INSERT INTO execution_risklimit (scope, instrument, name, value, version, at, actor, note)
SELECT 'all' AS scope, '' AS instrument, made.name, made.value, 1 AS version, events_now() AS at,
    'system' AS actor, 'of a fresh installation' AS note
FROM (VALUES
    ('leverage_max', 100), ('open_risk_pct_max', 100), ('open_positions_max', 500),
    ('rejects_per_minute_max', 60), ('daily_loss_pct_max', 25), ('drawdown_pct_max', 50),
    ('price_drift_bps_max', 200), ('quote_age_seconds_max', 60), ('equity_age_seconds_max', 120)
) AS made (name, value);
