-- Is a token in step with its chain? Whatever allows a payout rests on what is computed here.

-- What the ledger holds of a token in a book, in base units: all, and the treasury's wallet.
CREATE OR REPLACE FUNCTION tokens_ledger_units(
    p_token bigint, p_book text, OUT supply numeric, OUT balance numeric
)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce(sum(b.amount) FILTER (WHERE a.code = 'Equity:Issued:' || t.code), 0)
            * 10::numeric ^ t.decimals,
        coalesce(-sum(b.amount) FILTER (WHERE a.code = 'Liabilities:Holders:' || t.code || ':Treasury'), 0)
            * 10::numeric ^ t.decimals
    FROM tokens_token t
        LEFT JOIN treasury_ledgeraccount a ON a.book = p_book AND a.code IN (
            'Equity:Issued:' || t.code, 'Liabilities:Holders:' || t.code || ':Treasury')
        LEFT JOIN treasury_balance b ON b.account_id = a.id
    WHERE t.id = p_token GROUP BY t.decimals
$$;

-- Why the binding allows no payout; NULL where it is green and was looked at a moment ago.
CREATE OR REPLACE FUNCTION tokens_binding_unready(p_binding bigint, p_states text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE
        WHEN NOT b.state = ANY (p_states) THEN 'is ' || b.state || ': ' || b.reason
        WHEN o.id IS NULL OR o.at < events_now() - interval '5 minutes'
            THEN 'was last seen ' || coalesce(date_trunc('second', o.at)::text, 'never')
        WHEN ROW(o.ledger_supply, o.ledger_balance)
                IS DISTINCT FROM ROW(l.supply, l.balance) AND 'green' = ALL (p_states)
            THEN 'has moved in the ledger since it was seen'
        END
    FROM tokens_chainbinding b
        LEFT JOIN tokens_chainobservation o ON o.id = b.observation_id
        CROSS JOIN LATERAL tokens_ledger_units(b.token_id, b.book) l
    WHERE b.id = p_binding
$$;

-- Why the book may pay nothing out, mint and burn nothing; NULL where it may.
CREATE OR REPLACE FUNCTION tokens_book_unready(p_book text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_bound record;
    v_why text;
BEGIN
    -- Whoever freezes one of them waits, or is waited for.
    FOR v_bound IN
        SELECT b.id, t.code FROM tokens_chainbinding b JOIN tokens_token t ON t.id = b.token_id
        WHERE b.book = p_book ORDER BY b.id FOR SHARE OF b
    LOOP
        v_why := tokens_binding_unready(v_bound.id, ARRAY['green']);
        IF v_why IS NOT NULL THEN
            RETURN v_bound.code || ' ' || v_why;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Distribution, mint and burn wait until every bound token of the book is green.
CREATE OR REPLACE FUNCTION tokens_entry_in_step() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_why text := tokens_book_unready(NEW.book);
BEGIN
    IF v_why IS NOT NULL THEN
        RAISE EXCEPTION '% (%) is held back: %', NEW.kind, NEW.book, v_why
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_held_back';
    END IF;
    RETURN NEW;
END $$;

-- What the chain has been seen to hold when it was bound is taken over once, in these very amounts.
CREATE OR REPLACE FUNCTION tokens_entry_opens(
    p_entry bigint, p_token text, p_supply numeric, p_balance numeric
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT FROM treasury_entry e
            JOIN tokens_token t ON t.code = p_token
            JOIN tokens_chainbinding b ON b.token_id = t.id AND b.book = e.book
            JOIN tokens_chainobservation o ON o.binding_id = b.id
        WHERE e.id = p_entry AND e.kind = 'token.opening'
            AND e.idem_key = 'chain:' || b.id || ':opening'
            AND o.id = (SELECT max(id) FROM tokens_chainobservation WHERE binding_id = b.id)
            AND o.at > events_now() - interval '5 minutes'
            AND (o.supply, o.balance) = (b.opening_supply, b.opening_balance)
            AND (p_supply, p_balance) = (b.opening_supply, b.opening_balance))
$$;

-- Units of a jetton come, go and leave the treasury's wallet as the chain shows, never otherwise.
CREATE OR REPLACE FUNCTION tokens_line_on_chain() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_moved record;
BEGIN
    FOR v_moved IN
        SELECT l.entry_id, t.code,
            coalesce(sum(l.amount) FILTER (WHERE a.code = 'Equity:Issued:' || t.code), 0)
                * 10::numeric ^ t.decimals AS supply,
            coalesce(-sum(l.amount) FILTER (
                WHERE a.code = 'Liabilities:Holders:' || t.code || ':Treasury'), 0)
                * 10::numeric ^ t.decimals AS balance
        FROM added l
            JOIN tokens_token t ON t.code = l.currency_id AND t.kind = 'jetton'
            JOIN treasury_ledgeraccount a ON a.id = l.account_id
        GROUP BY l.entry_id, t.code, t.decimals
    LOOP
        IF (v_moved.supply, v_moved.balance) <> (0, 0) AND NOT tokens_entry_explained(
            v_moved.entry_id, v_moved.code, v_moved.supply, v_moved.balance) THEN
            RAISE EXCEPTION 'entry %: % moves as no transaction on its chain shows',
                v_moved.entry_id, v_moved.code
                USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_held_back';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tokens_entry_explained(
    p_entry bigint, p_token text, p_supply numeric, p_balance numeric
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT tokens_entry_opens(p_entry, p_token, p_supply, p_balance)
$$;

-- The floor of the account is what keeps supply below the cap, and the wallet from below nothing.
CREATE OR REPLACE FUNCTION tokens_account_floor() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM tokens_token t WHERE t.kind = 'jetton' AND (
            NEW.code = 'Equity:Issued:' || t.code
                AND (NEW.currency_id, NEW.floor) IS DISTINCT FROM (t.code, -t.cap)
            OR NEW.code = 'Liabilities:Holders:' || t.code || ':Treasury'
                AND (NEW.currency_id, NEW.floor) IS DISTINCT FROM (t.code, 0))) THEN
        RAISE EXCEPTION 'account % holds units of a jetton: its floor is the cap, or zero', NEW.code
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_account_floor';
    END IF;
    RETURN NEW;
END $$;
