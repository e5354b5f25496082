-- What pays: entries that only two people make, distributions that nothing stands in the way of,
-- and marks that do not fall.

-- A distribution's entry is the one that the second person saw, to its last digit, up to a cut-off
-- that is sealed, of a book in which every deal is understood.
CREATE OR REPLACE FUNCTION treasury_entry_distributes() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_cutoff bigint;
BEGIN
    SELECT (payload::jsonb ->> 'cutoff_id')::bigint INTO v_cutoff FROM second_person_request r
        WHERE r.kind = 'distribution.make' AND second_person_wants(r.id, 'distribution.make')
            AND r.payload::jsonb ->> 'idem_key' = NEW.idem_key
            AND r.payload::jsonb ->> 'entry_sha256' = NEW.request_sha256;
    IF v_cutoff IS NULL THEN
        RAISE EXCEPTION 'distribution %: a second person confirms it as it is', NEW.idem_key
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_distribution_is_wanted';
    END IF;
    IF EXISTS (
        SELECT FROM treasury_entry e
        WHERE e.book = NEW.book AND e.id <= v_cutoff AND e.id > events_seal_floor('treasury')
            AND NOT EXISTS (
                SELECT FROM events_sealleaf l WHERE l.log = 'treasury' AND l.row_id = e.id)) THEN
        RAISE EXCEPTION 'distribution %: what goes up to entry % is not sealed yet',
            NEW.idem_key, v_cutoff
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_distribution_is_sealed';
    END IF;
    IF EXISTS (
        SELECT FROM treasury_dealposting p JOIN execution_deal d ON d.id = p.deal_id
            JOIN execution_brokeraccount a ON a.id = d.account_id
        WHERE p.state = 'quarantined' AND a.book = NEW.book) THEN
        RAISE EXCEPTION 'distribution %: the % book holds a deal in quarantine',
            NEW.idem_key, NEW.book
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_distribution_book_is_frozen';
    END IF;
    RETURN NEW;
END $$;

-- Units and revenue are booked as two people want it, one entry for a request of the same kind.
CREATE OR REPLACE FUNCTION treasury_entry_by_hand() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.source ~ '^second_person\.request:[0-9]{1,18}$'
            AND NEW.idem_key = NEW.kind || ':' || split_part(NEW.source, ':', 2)
            AND second_person_wants(split_part(NEW.source, ':', 2)::bigint, NEW.kind) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'entry %: a second person confirms what is booked by hand', NEW.idem_key
        USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_is_wanted';
END $$;

-- The row that names a distribution's entry names what it was confirmed for.
CREATE OR REPLACE FUNCTION treasury_distribution_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM treasury_entry e JOIN second_person_request r ON r.id = NEW.request_id
        WHERE e.id = NEW.entry_id AND e.kind = 'distribution' AND e.book = NEW.book
            AND r.payload::jsonb ->> 'entry_sha256' = e.request_sha256
            AND r.payload::jsonb ->> 'idem_key' = e.idem_key
            AND e.idem_key = 'dist:' || NEW.book || ':' || NEW.period || ':' || NEW.version_id
            AND (r.payload::jsonb ->> 'cutoff_id')::bigint = NEW.cutoff_id) THEN
        RAISE EXCEPTION 'distribution % % is not what its entry and its request say',
            NEW.book, NEW.period
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_distribution_fits_its_entry';
    END IF;
    RETURN NEW;
END $$;

-- A series comes with the entry that issued its units. Its high-water mark rises, and nothing else
-- of it changes.
CREATE OR REPLACE FUNCTION treasury_unitseries_rises() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM treasury_entry e JOIN treasury_line l ON l.entry_id = e.id
            WHERE e.id = NEW.entry_id AND e.kind = 'units.issue' AND e.xid = pg_current_xact_id()
                AND l.currency_id = 'UNIT' || NEW.account_id) THEN
            RAISE EXCEPTION 'series % of account % comes with the entry of its units',
                NEW.number, NEW.account_id
                USING ERRCODE = '23514', CONSTRAINT = 'treasury_unitseries_is_issued';
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'mark' <> to_jsonb(OLD) - 'mark' OR NEW.mark <= OLD.mark THEN
        RAISE EXCEPTION 'series %: its mark rises from %, and nothing else of it changes',
            OLD.id, OLD.mark
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_unitseries_mark_rises';
    END IF;
    RETURN NEW;
END $$;
