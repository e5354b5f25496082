-- What is held on an account counts against its floor until its entry takes it, or it is let go.
-- Whoever locks both takes holds first, in the order of their numbers, and balances after them.

-- A hold is made before its entry, on an account with a floor, and ends once.
CREATE OR REPLACE FUNCTION treasury_hold_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.made_at := events_now();
        IF NEW.state <> 'pending' OR NEW.amount = 'NaN' OR NOT EXISTS (
            SELECT FROM treasury_ledgeraccount a JOIN treasury_currency c ON c.code = a.currency_id
            WHERE a.id = NEW.account_id AND a.floor IS NOT NULL
                AND NEW.amount = round(NEW.amount, c.scale)) THEN
            RAISE EXCEPTION 'a hold begins pending, on an account with a floor, in its digits'
                USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_begins_pending';
        END IF;
        IF EXISTS (SELECT FROM treasury_entry WHERE idem_key = NEW.entry_key) THEN
            RAISE EXCEPTION 'entry % is posted already; nothing is held for it', NEW.entry_key
                USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_before_its_entry';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'pending' OR NEW.state NOT IN ('posted', 'released', 'lapsed') THEN
        RAISE EXCEPTION 'hold % is %: it ends once, not as %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_edge';
    END IF;
    IF ROW(NEW.id, NEW.account_id, NEW.entry_key, NEW.amount, NEW.reason, NEW.made_by, NEW.made_at,
           NEW.expires_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.account_id, OLD.entry_key, OLD.amount, OLD.reason, OLD.made_by, OLD.made_at,
           OLD.expires_at) THEN
        RAISE EXCEPTION 'hold %: what is held for whom stays', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'treasury_hold_stays';
    END IF;
    IF NEW.state = 'lapsed' AND NEW.expires_at > events_now() THEN
        RAISE EXCEPTION 'hold % counts until %', OLD.id, NEW.expires_at
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_lapses_late';
    END IF;
    NEW.ended_at := events_now();
    RETURN NEW;
END $$;

-- A posted hold was taken by its own entry, and no more of it than it held.
CREATE OR REPLACE FUNCTION treasury_hold_taken() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM treasury_entry e JOIN treasury_line l ON l.entry_id = e.id
            JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE e.id = NEW.entry_id AND e.idem_key = NEW.entry_key AND a.id = NEW.account_id
        GROUP BY a.kind
        HAVING sum(CASE WHEN a.kind IN ('asset', 'expense') THEN -l.amount ELSE l.amount END)
            BETWEEN 0 AND NEW.amount) THEN
        RAISE EXCEPTION 'hold % is taken by entry %, at most %', NEW.id, NEW.entry_key, NEW.amount
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_takes_at_most';
    END IF;
    RETURN NULL;
END $$;

-- The balance says what is held; a hold that would reach below the floor is refused.
CREATE OR REPLACE FUNCTION treasury_hold_counted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bad record;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE treasury_balance SET held = held - NEW.amount, updated_at = events_now()
            WHERE account_id = NEW.account_id;
        RETURN NULL;
    END IF;
    INSERT INTO treasury_balance AS b (account_id, amount, held, updated_at)
        VALUES (NEW.account_id, 0, NEW.amount, events_now())
        ON CONFLICT (account_id) DO UPDATE
            SET held = b.held + excluded.held, updated_at = excluded.updated_at;
    SELECT a.code, a.floor, b.amount, b.held INTO v_bad
        FROM treasury_balance b JOIN treasury_ledgeraccount a ON a.id = b.account_id
        WHERE b.account_id = NEW.account_id
            AND CASE WHEN a.kind IN ('asset', 'expense') THEN b.amount ELSE -b.amount END
                - b.held < a.floor;
    IF FOUND THEN
        RAISE EXCEPTION 'account % stands at %; holding % would pass its floor of %',
            v_bad.code, v_bad.amount, v_bad.held, v_bad.floor
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_balance_floor';
    END IF;
    RETURN NULL;
END $$;

-- The holds that these entries take, locked; an entry whose hold has ended is refused.
CREATE OR REPLACE FUNCTION treasury_holds_of(p_entries bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_holds bigint[];
    v_bad record;
BEGIN
    SELECT array_agg(id) INTO v_holds FROM (
        SELECT h.id FROM treasury_entry e JOIN treasury_hold h ON h.entry_key = e.idem_key
        WHERE e.id = ANY (p_entries) ORDER BY h.id FOR UPDATE OF h) locked;
    IF v_holds IS NULL THEN
        RETURN '{}';
    END IF;
    SELECT id, entry_key, state, expires_at INTO v_bad FROM treasury_hold
        WHERE id = ANY (v_holds) AND (state <> 'pending' OR expires_at <= events_now()) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % for entry % is over (%, until %)',
            v_bad.id, v_bad.entry_key, v_bad.state, v_bad.expires_at
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_hold_is_pending';
    END IF;
    RETURN v_holds;
END $$;
