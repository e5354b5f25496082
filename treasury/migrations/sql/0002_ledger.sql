-- The ledger keeps itself balanced: every rule here holds for every role and every road in.
-- Refusals are of class 23 and name their constraint.

-- In Postgres NaN is greater than every number and equal to itself, so it passes the usual checks.
ALTER TABLE treasury_line
    ADD CONSTRAINT treasury_line_is_number CHECK (amount <> 'NaN'::numeric);

CREATE FUNCTION treasury_cluster() RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT system_identifier FROM pg_control_system() $$;

-- Hashes are taken of UTF-8, and octet_length counts what the server stores.
DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the ledger needs a database in UTF8, this one is in %',
            current_setting('server_encoding');
    END IF;
END $$;

-- Canonical fields (treasury/rules/canonical.py): <octets>:<text>, a null is "-". Both functions have
-- no SET clause and only stable parts, so that the planner inlines them: dozens an entry.
CREATE FUNCTION treasury_field(p_value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(octet_length(p_value)::text || ':' || p_value, '-') $$;

CREATE FUNCTION treasury_microseconds(p_at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT trunc(extract(epoch FROM p_at) * 1000000)::bigint::text $$;

-- An entry is bound to the transaction, and the server, that writes it; nobody chooses these.
CREATE FUNCTION treasury_entry_stamp() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    NEW.xid := pg_current_xact_id();
    NEW.cluster := treasury_cluster();
    NEW.recorded_at := events_now();
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_entry_stamped BEFORE INSERT ON treasury_entry
    FOR EACH ROW EXECUTE FUNCTION treasury_entry_stamp();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_stamped;

CREATE FUNCTION treasury_leaf_bytes(p_entry bigint) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT '\x00'::bytea || convert_to(
        treasury_field('df.entry.v1') || treasury_field(e.id::text)
        || treasury_field(e.idem_key) || treasury_field(e.request_sha256)
        || treasury_field(e.kind) || treasury_field(e.book)
        || treasury_field(treasury_microseconds(e.event_at))
        || treasury_field(treasury_microseconds(e.recorded_at))
        || treasury_field(e.source) || treasury_field(e.trace_id)
        || treasury_field(e.reverses_id::text) || treasury_field(e.note)
        || treasury_field(l.count::text) || l.fields, 'UTF8')
    FROM treasury_entry e,
        LATERAL (
            SELECT count(*) AS count, string_agg(
                treasury_field(line.n::text) || treasury_field(account.code)
                || treasury_field(line.currency_id) || treasury_field(line.amount::text),
                '' ORDER BY line.n) AS fields
            FROM treasury_line line JOIN treasury_ledgeraccount account ON account.id = line.account_id
            WHERE line.entry_id = e.id
        ) l
    WHERE e.id = p_entry
$$;

-- The one trigger on lines. It sees all lines of the statement at once, whatever statement it
-- was (INSERT, COPY, MERGE), and does not wait for commit, so SET CONSTRAINTS has no say.
-- Lines cannot be changed or removed: every statement balanced means every entry balanced.
CREATE FUNCTION treasury_line_added() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    IF NOT EXISTS (SELECT FROM added) THEN
        RETURN NULL;
    END IF;

    -- Foreign keys sleep under session_replication_role = replica; these joins do not.
    SELECT l.entry_id INTO v_bad
        FROM added l LEFT JOIN treasury_entry e ON e.id = l.entry_id
        WHERE e.id IS NULL OR e.xid <> pg_current_xact_id() OR e.cluster <> treasury_cluster()
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

    -- A reversal is the exact mirror of an entry that is not itself a reversal.
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

    INSERT INTO treasury_leaf (entry_id, sha256)
        SELECT e.entry_id, encode(sha256(treasury_leaf_bytes(e.entry_id)), 'hex')
        FROM (SELECT DISTINCT entry_id FROM added ORDER BY entry_id) e;

    -- Always in account order, so that two postings wait for each other but never for ever.
    WITH moved AS (
        INSERT INTO treasury_balance AS b (account_id, amount, updated_at)
            SELECT l.account_id, sum(l.amount), events_now()
            FROM added l JOIN treasury_ledgeraccount a ON a.id = l.account_id AND a.tracked
            GROUP BY l.account_id ORDER BY l.account_id
        ON CONFLICT (account_id) DO UPDATE
            SET amount = b.amount + excluded.amount, updated_at = excluded.updated_at
        RETURNING b.account_id, b.amount
    )
    SELECT a.code, a.floor, m.amount INTO v_bad
        FROM moved m JOIN treasury_ledgeraccount a ON a.id = m.account_id
        WHERE CASE WHEN a.kind IN ('asset', 'expense') THEN m.amount ELSE -m.amount END < a.floor
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would stand at %, below its floor of %',
            v_bad.code, v_bad.amount, v_bad.floor
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_balance_floor';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treasury_line_balanced AFTER INSERT ON treasury_line
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_line_added();
ALTER TABLE treasury_line ENABLE ALWAYS TRIGGER treasury_line_balanced;

-- An entry without lines would be a fact that says nothing.
CREATE FUNCTION treasury_entry_closed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM treasury_leaf WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no lines', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_has_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER treasury_entry_has_lines AFTER INSERT ON treasury_entry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION treasury_entry_closed();
ALTER TABLE treasury_entry ENABLE ALWAYS TRIGGER treasury_entry_has_lines;

-- A kept balance moves only inside the line trigger, and is never removed.
CREATE FUNCTION treasury_balance_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF TG_OP NOT IN ('INSERT', 'UPDATE') OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances are moved by lines: % is refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'treasury_balance_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_balance_kept BEFORE INSERT OR UPDATE OR DELETE ON treasury_balance
    FOR EACH ROW EXECUTE FUNCTION treasury_balance_guard();
CREATE TRIGGER treasury_balance_stays BEFORE TRUNCATE ON treasury_balance
    FOR EACH STATEMENT EXECUTE FUNCTION treasury_balance_guard();
ALTER TABLE treasury_balance ENABLE ALWAYS TRIGGER treasury_balance_kept;
ALTER TABLE treasury_balance ENABLE ALWAYS TRIGGER treasury_balance_stays;
