CREATE OR REPLACE FUNCTION treasury_cluster() RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT system_identifier FROM pg_control_system() $$;

-- An entry is bound to the transaction, and the server, that writes it; nobody chooses these.
CREATE OR REPLACE FUNCTION treasury_entry_stamp() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    NEW.xid := pg_current_xact_id();
    NEW.cluster := treasury_cluster();
    NEW.recorded_at := events_now();
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION treasury_leaf_bytes(p_entry bigint) RETURNS bytea
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

-- An entry without lines would be a fact that says nothing.
CREATE OR REPLACE FUNCTION treasury_entry_closed() RETURNS trigger
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
