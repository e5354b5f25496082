-- The one door into the ledger, one round trip for a whole batch. The parts of treasury_post name
-- no search_path: they run under its own.

-- What the request hash of a draft is taken of. In plpgsql, which keeps the plan for the session.
CREATE OR REPLACE FUNCTION treasury_request_bytes(
    p_idem_key text, p_kind text, p_book text, p_event_at timestamptz, p_source text,
    p_trace_id text, p_reverses_key text, p_note text, p_lines json
) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN convert_to(events_field('df.entry_request.v1') || events_field(p_idem_key)
        || events_field(p_kind) || events_field(p_book)
        || events_field(events_microseconds(p_event_at)) || events_field(p_source)
        || events_field(p_trace_id) || events_field(p_reverses_key) || events_field(p_note)
        || events_field(json_array_length(p_lines)::text)
        || coalesce((
            SELECT string_agg(
                events_field(line ->> 0) || events_field(line ->> 1)
                || events_field((line ->> 2)::numeric(38, 18)::text), '' ORDER BY n)
            FROM json_array_elements(p_lines) WITH ORDINALITY AS lines (line, n)), ''), 'UTF8');
END $$;

-- The lines of all drafts, each with the number of its draft.
CREATE OR REPLACE FUNCTION treasury_draft_lines(p_drafts json) RETURNS treasury_draft_line[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_lines treasury_draft_line[];
BEGIN
    SELECT array_agg((d.ord, l.n, l.line ->> 0, l.line ->> 1, l.line ->> 2)::treasury_draft_line)
        INTO v_lines
        FROM json_array_elements(p_drafts) WITH ORDINALITY AS d (draft, ord),
            json_array_elements(d.draft -> 'lines') WITH ORDINALITY AS l (line, n);
    -- The column would round a 19th digit in silence.
    IF EXISTS (SELECT FROM unnest(v_lines) WHERE scale(amount) > 18) THEN
        RAISE EXCEPTION 'an amount has more than 18 digits'
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_line_scale';
    END IF;
    RETURN v_lines;
END $$;

-- The drafts without their lines, each with its entry's number and the hash of what is asked.
CREATE OR REPLACE FUNCTION treasury_drafts(p_drafts json) RETURNS treasury_draft[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_numbers regclass := pg_get_serial_sequence('treasury_entry', 'id');
    v_drafts treasury_draft[];
BEGIN
    SELECT array_agg((
            ord, nextval(v_numbers), draft ->> 'idem_key',
            encode(sha256(treasury_request_bytes(
                draft ->> 'idem_key', draft ->> 'kind', draft ->> 'book',
                (draft ->> 'event_at')::timestamptz, draft ->> 'source', draft ->> 'trace_id',
                draft ->> 'reverses_key', draft ->> 'note', draft -> 'lines')), 'hex'),
            draft ->> 'kind', draft ->> 'book', (draft ->> 'event_at')::timestamptz,
            draft ->> 'source', draft ->> 'trace_id', draft ->> 'reverses_key', draft ->> 'note'
        )::treasury_draft ORDER BY ord)
        INTO v_drafts
        FROM json_array_elements(p_drafts) WITH ORDINALITY AS d (draft, ord);
    RETURN v_drafts;
END $$;

-- A key comes once in a batch, and every line has an account in its draft's book.
CREATE OR REPLACE FUNCTION treasury_check_drafts(
    p_drafts treasury_draft[], p_lines treasury_draft_line[]
) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT idem_key INTO v_bad FROM unnest(p_drafts) GROUP BY idem_key HAVING count(*) > 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key % comes twice in one batch', v_bad.idem_key
            USING ERRCODE = '23505', CONSTRAINT = 'treasury_entry_idem_key_once';
    END IF;

    SELECT l.account_code, d.book INTO v_bad
        FROM unnest(p_lines) l JOIN unnest(p_drafts) d ON d.ord = l.ord
        WHERE NOT EXISTS (
            SELECT FROM treasury_ledgeraccount a WHERE a.book = d.book AND a.code = l.account_code)
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no account % in book %', v_bad.account_code, v_bad.book
            USING ERRCODE = '23503', CONSTRAINT = 'treasury_line_account_known';
    END IF;
END $$;

-- Entries of the drafts that reverse nothing; returns those whose key was new.
CREATE OR REPLACE FUNCTION treasury_write_entries(p_drafts treasury_draft[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_fresh bigint[];
BEGIN
    WITH inserted AS (
        INSERT INTO treasury_entry
            (id, idem_key, request_sha256, kind, book, event_at, recorded_at, source, trace_id,
             reverses_id, note, xid, cluster)
            SELECT id, idem_key, sha256, kind, book, event_at, events_now(), source, trace_id,
                NULL, note, pg_current_xact_id(), 0
            FROM unnest(p_drafts) WHERE reverses_key IS NULL ORDER BY idem_key
        ON CONFLICT (idem_key) DO NOTHING RETURNING id
    )
    SELECT coalesce(array_agg(id), '{}') INTO v_fresh FROM inserted;
    RETURN v_fresh;
END $$;

-- Reversals in a second statement: it sees entries of the first, and of whoever it waited for.
CREATE OR REPLACE FUNCTION treasury_write_reversals(p_drafts treasury_draft[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_fresh bigint[];
    v_bad record;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(p_drafts) WHERE reverses_key IS NOT NULL) THEN
        RETURN '{}';
    END IF;
    SELECT d.reverses_key INTO v_bad FROM unnest(p_drafts) d
        WHERE d.reverses_key IS NOT NULL AND NOT EXISTS (
            SELECT FROM treasury_entry o WHERE o.idem_key = d.reverses_key) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no entry % to reverse', v_bad.reverses_key
            USING ERRCODE = '23503', CONSTRAINT = 'treasury_entry_reverses_known';
    END IF;
    WITH inserted AS (
        INSERT INTO treasury_entry
            (id, idem_key, request_sha256, kind, book, event_at, recorded_at, source, trace_id,
             reverses_id, note, xid, cluster)
            SELECT d.id, d.idem_key, d.sha256, d.kind, d.book, d.event_at, events_now(),
                d.source, d.trace_id, o.id, d.note, pg_current_xact_id(), 0
            FROM unnest(p_drafts) d JOIN treasury_entry o ON o.idem_key = d.reverses_key
            ORDER BY d.idem_key
        ON CONFLICT (idem_key) DO NOTHING RETURNING id
    )
    SELECT coalesce(array_agg(id), '{}') INTO v_fresh FROM inserted;
    RETURN v_fresh;
END $$;

-- A key that was there has the same content; else both hashes are named.
CREATE OR REPLACE FUNCTION treasury_check_known(p_drafts treasury_draft[], p_fresh bigint[])
    RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_bad record;
BEGIN
    SELECT d.idem_key, d.sha256, e.request_sha256 INTO v_bad
        FROM unnest(p_drafts) d LEFT JOIN treasury_entry e ON e.idem_key = d.idem_key
        WHERE d.id <> ALL (p_fresh) AND e.request_sha256 IS DISTINCT FROM d.sha256 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key % is taken by other content: stored %, asked %',
            v_bad.idem_key, coalesce(v_bad.request_sha256, 'unseen'), v_bad.sha256
            USING ERRCODE = '23505', CONSTRAINT = 'treasury_entry_same_content';
    END IF;
END $$;

-- Lines of the new entries in one statement, whose triggers close the entries.
CREATE OR REPLACE FUNCTION treasury_write_lines(
    p_drafts treasury_draft[], p_lines treasury_draft_line[], p_fresh bigint[]
) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_wanted bigint;
    v_written bigint;
BEGIN
    SELECT count(*) INTO v_wanted
        FROM unnest(p_lines) l JOIN unnest(p_drafts) d ON d.ord = l.ord
        WHERE d.id = ANY (p_fresh);
    INSERT INTO treasury_line (entry_id, n, account_id, currency_id, amount)
        SELECT d.id, l.n, a.id, l.currency, l.amount
        FROM unnest(p_lines) l JOIN unnest(p_drafts) d ON d.ord = l.ord
            JOIN treasury_ledgeraccount a ON a.book = d.book AND a.code = l.account_code
        WHERE d.id = ANY (p_fresh) ORDER BY d.ord, l.n;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> v_wanted OR (
        SELECT count(*) FROM treasury_leaf WHERE entry_id = ANY (p_fresh)
    ) <> cardinality(p_fresh) THEN
        RAISE EXCEPTION 'wrote % lines of % for % entries',
            v_written, v_wanted, cardinality(p_fresh)
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_has_lines';
    END IF;
END $$;

-- p_drafts: JSON array of {idem_key, kind, book, event_at, source, trace_id, reverses_key, note,
-- lines: [[account code, currency, "amount"], …]}. p_handlers: who handles entry.posted.
-- The same key with the same content answers with the entry that is there; with other content
-- it is refused, naming both hashes. Keys, then balances, are locked in order: no deadlock.
-- Plans are kept for all that runs in here, triggers included: each statement is cheap, and to plan
-- it anew for the size of a batch costs more than it saves.
CREATE OR REPLACE FUNCTION treasury_post(p_drafts text, p_actor text, p_handlers text[])
    RETURNS TABLE (posted_id bigint, posted_key text, was_created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    SET plan_cache_mode = force_generic_plan
    AS $$
DECLARE
    -- The transaction's number before those of entries: the seal counts on this order.
    v_xid xid8 := pg_current_xact_id();
    v_lines treasury_draft_line[] := treasury_draft_lines(p_drafts::json);
    v_drafts treasury_draft[] := treasury_drafts(p_drafts::json);
    v_fresh bigint[];
    v_done text;
BEGIN
    IF v_drafts IS NULL THEN
        RETURN;
    END IF;
    v_done := treasury_check_drafts(v_drafts, v_lines)::text;
    v_fresh := treasury_write_entries(v_drafts);
    v_fresh := v_fresh || treasury_write_reversals(v_drafts);
    v_done := treasury_check_known(v_drafts, v_fresh)::text;
    IF cardinality(v_fresh) > 0 THEN
        v_done := treasury_write_lines(v_drafts, v_lines, v_fresh)::text;
        PERFORM events_record(
                'entry.posted', 'treasury.entry:' || d.id, d.trace_id, p_actor,
                '{"book":' || to_json(d.book) || ',"idem_key":' || to_json(d.idem_key)
                    || ',"kind":' || to_json(d.kind) || '}',
                p_handlers)
            FROM (SELECT * FROM unnest(v_drafts) WHERE id = ANY (v_fresh) ORDER BY ord) d;
    END IF;
    RETURN QUERY
        SELECT e.id, d.idem_key, d.id = ANY (v_fresh)
        FROM unnest(v_drafts) d JOIN treasury_entry e ON e.idem_key = d.idem_key
        ORDER BY d.ord;
END $$;
