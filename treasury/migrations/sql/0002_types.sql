-- What `treasury_post` reads its drafts into.
CREATE TYPE treasury_draft AS (
    ord bigint, id bigint, idem_key text, sha256 text, kind text, book text,
    event_at timestamptz, source text, trace_id text, reverses_key text, note text
);
CREATE TYPE treasury_draft_line AS (
    ord bigint, n int, account_code text, currency text, amount numeric
);
