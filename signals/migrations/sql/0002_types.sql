-- What intake is called with: one readable delivery, by the field order of `alert_accept`.
CREATE TYPE signals_delivery_in AS (
    strategy_id bigint, strategy_version integer, secret_id bigint,
    body bytea, body_sha256 text, content_type text, peer text,
    provenance text, grade_fresh text, grade text,
    dialect text, intent text, intent_key text, has_identity boolean,
    signalled_at timestamptz, sent_at timestamptz,
    legs jsonb, handlers jsonb
);

-- What intake knows of it while it judges, stores and decides.
CREATE TYPE signals_intake_case AS (
    actor text, is_active boolean, stale_after interval, entries_max integer, open_for interval,
    intent jsonb, trade_ref text, ref_id text, bar_time timestamptz, expires_at timestamptz,
    sent_at timestamptz, has_entry boolean, lowers boolean, grade text, provenance text,
    moment timestamptz, entry_rule text, verdict text, rule text,
    delivery_id bigint, alert_id bigint, trace_id text
);
