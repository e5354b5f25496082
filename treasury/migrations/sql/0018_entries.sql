-- An entry is bound to the transaction, and the server, that writes it; nobody chooses these.
CREATE OR REPLACE FUNCTION treasury_entry_stamp() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    NEW.xid := pg_current_xact_id();
    NEW.cluster := events_cluster();
    NEW.recorded_at := events_now();
    RETURN NEW;
END $$;

-- What the leaf of an entry is the hash of. In plpgsql, which keeps the plan for the session.
CREATE OR REPLACE FUNCTION treasury_leaf_bytes(p_entry bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    RETURN (
        SELECT '\x00'::bytea || convert_to(
            events_field('df.entry.v1') || events_field(e.id::text)
            || events_field(e.idem_key) || events_field(e.request_sha256)
            || events_field(e.kind) || events_field(e.book)
            || events_field(events_microseconds(e.event_at))
            || events_field(events_microseconds(e.recorded_at))
            || events_field(e.source) || events_field(e.trace_id)
            || events_field(e.reverses_id::text) || events_field(e.note)
            || events_field(l.count::text) || l.fields, 'UTF8')
        FROM treasury_entry e,
            LATERAL (
                SELECT count(*) AS count, string_agg(
                    events_field(line.n::text) || events_field(account.code)
                    || events_field(line.currency_id) || events_field(line.amount::text),
                    '' ORDER BY line.n) AS fields
                FROM treasury_line line
                    JOIN treasury_ledgeraccount account ON account.id = line.account_id
                WHERE line.entry_id = e.id
            ) l
        WHERE e.id = p_entry);
END $$;

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

-- What takes an entry back: a later revision of its deal, a later fold of its position, the close
-- of a period that made it, or two people who want it. Nobody else.
CREATE OR REPLACE FUNCTION treasury_entry_taken_back() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_deal CONSTANT text := '^execution\.deal:(\d{1,18})$';
    v_source text;
    v_kind text := split_part(NEW.source, ':', 1);
    v_request bigint;
BEGIN
    SELECT source INTO v_source FROM treasury_entry WHERE id = NEW.reverses_id;
    IF v_kind = 'execution.deal' AND EXISTS (
        SELECT FROM execution_deal was JOIN execution_deal later
            ON later.account_id = was.account_id AND later.ticket = was.ticket
        WHERE was.id = substring(v_source FROM v_deal)::bigint
            AND later.id = substring(NEW.source FROM v_deal)::bigint
            AND later.revision > was.revision) THEN
        RETURN NEW;
    END IF;
    IF v_kind = 'execution.position' AND NEW.source = v_source THEN
        RETURN NEW;
    END IF;
    -- What a close of a period books it takes back itself.
    IF NEW.kind = 'unrealised.reversed' AND EXISTS (
        SELECT FROM treasury_entry
        WHERE id = NEW.reverses_id AND kind = 'unrealised' AND xid = pg_current_xact_id()) THEN
        RETURN NEW;
    END IF;
    IF v_kind = 'second_person.request' THEN
        v_request := split_part(NEW.source, ':', 2)::bigint;
        IF second_person_wants(v_request, 'entry.reverse') AND EXISTS (
            SELECT FROM second_person_request
            WHERE id = v_request AND (payload::json ->> 'entry_id')::bigint = NEW.reverses_id) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'entry % is taken back by a later revision of what it came from, or by two people',
        NEW.reverses_id USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_taken_back';
END $$;
