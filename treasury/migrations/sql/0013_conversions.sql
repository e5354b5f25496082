-- Amounts that pass from one currency into another: as two people want it, at a stored price that
-- is young enough, once. `Equity:Conversion:<CCY>` joins the two balanced halves of the entry.

-- How many digits the coin of a currency has; null where no account at a broker and no stream of
-- revenue is kept in it, as with units of holders and of tokens: those are never converted.
CREATE OR REPLACE FUNCTION treasury_coin_digits(p_currency text) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT min(digits)::integer FROM (
        SELECT currency_digits AS digits FROM execution_brokeraccount WHERE currency = p_currency
        UNION ALL SELECT digits FROM treasury_revenuestream WHERE currency_id = p_currency) coin
$$;

-- It begins waiting, as its request says, between accounts that may be converted.
CREATE OR REPLACE FUNCTION treasury_conversion_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_form text := '^(Assets:(Revenue|Treasury)|(Liabilities:Pool|Equity:Retained):'
        || '(House|Subscription)):.';
BEGIN
    NEW.asked_at := events_now();
    IF NEW.state <> 'waiting' OR NEW.amount = 'NaN' OR NOT EXISTS (
        SELECT FROM treasury_ledgeraccount s
            JOIN treasury_ledgeraccount t ON t.id = NEW.target_id AND t.kind = s.kind
            JOIN treasury_currency c ON c.code = s.currency_id
        WHERE s.id = NEW.source_id AND s.book = NEW.book AND t.book = NEW.book
            AND s.code ~ v_form AND t.code ~ v_form AND s.currency_id <> t.currency_id
            AND NEW.amount = round(NEW.amount, c.scale)
            AND treasury_coin_digits(s.currency_id) IS NOT NULL
            AND treasury_coin_digits(t.currency_id) IS NOT NULL) THEN
        RAISE EXCEPTION 'a conversion begins waiting, between two accounts that may be converted'
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_conversion_begins_waiting';
    END IF;
    IF NOT EXISTS (
        SELECT FROM second_person_request r, treasury_ledgeraccount s, treasury_ledgeraccount t
        WHERE r.id = NEW.request_id AND second_person_wants(r.id, 'conversion.make')
            AND s.id = NEW.source_id AND t.id = NEW.target_id
            AND r.payload::jsonb ->> 'book' = NEW.book AND r.payload::jsonb ->> 'from' = s.code
            AND r.payload::jsonb ->> 'to' = t.code
            AND (r.payload::jsonb ->> 'amount')::numeric = NEW.amount) THEN
        RAISE EXCEPTION 'a second person confirms what is converted'
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_conversion_is_wanted';
    END IF;
    RETURN NEW;
END $$;

-- It ends once; what is converted, and who wanted it, stays.
CREATE OR REPLACE FUNCTION treasury_conversion_edge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF OLD.state <> 'waiting' THEN
        RAISE EXCEPTION 'conversion % is %: it ends once', OLD.id, OLD.state
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_conversion_edge';
    END IF;
    IF ROW(NEW.id, NEW.book, NEW.source_id, NEW.target_id, NEW.amount, NEW.request_id, NEW.asked_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.book, OLD.source_id, OLD.target_id, OLD.amount, OLD.request_id, OLD.asked_at)
       THEN
        RAISE EXCEPTION 'conversion %: what is converted stays', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'treasury_conversion_stays';
    END IF;
    IF NEW.state <> 'waiting' THEN
        NEW.ended_at := events_now();
    END IF;
    RETURN NEW;
END $$;

-- What was received is what the price gives, rounded down to the coin; the price is of the same
-- book and pair, and at most a day old.
CREATE OR REPLACE FUNCTION treasury_conversion_priced() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM treasury_pricesnapshot p, treasury_ledgeraccount s, treasury_ledgeraccount t,
            LATERAL (SELECT treasury_coin_digits(t.currency_id) AS digits) coin,
            LATERAL (SELECT 10::numeric ^ (-coin.digits) AS unit) least
        WHERE p.id = NEW.price_id AND s.id = NEW.source_id AND t.id = NEW.target_id
            AND p.book = NEW.book AND p.priced_at <= NEW.ended_at
            AND p.priced_at >= NEW.ended_at - interval '24 hours'
            AND NEW.received = round(NEW.received, coin.digits)
            AND CASE
                WHEN p.base_id = s.currency_id AND p.quote_id = t.currency_id THEN
                    NEW.received <= NEW.amount * p.price
                    AND NEW.amount * p.price < NEW.received + least.unit
                WHEN p.base_id = t.currency_id AND p.quote_id = s.currency_id THEN
                    NEW.received * p.price <= NEW.amount
                    AND NEW.amount < (NEW.received + least.unit) * p.price
                ELSE false END) THEN
        RAISE EXCEPTION 'conversion %: % is not what price % gives now',
            NEW.id, NEW.received, NEW.price_id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_conversion_at_its_price';
    END IF;
    RETURN NULL;
END $$;

-- Its entry moves just these amounts.
CREATE OR REPLACE FUNCTION treasury_conversion_booked() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM treasury_entry e JOIN treasury_line l ON l.entry_id = e.id
            JOIN treasury_ledgeraccount a ON a.id = l.account_id,
            treasury_ledgeraccount s, treasury_ledgeraccount t,
            LATERAL (SELECT CASE s.kind WHEN 'asset' THEN 1 ELSE -1 END AS sign) side
        WHERE e.id = NEW.entry_id AND e.kind = 'conversion' AND e.book = NEW.book
            AND e.idem_key = 'conversion:' || NEW.id
            AND s.id = NEW.source_id AND t.id = NEW.target_id
        HAVING count(*) = 4 AND count(*) FILTER (WHERE (a.code, l.currency_id, l.amount) IN (
            (s.code, s.currency_id, -side.sign * NEW.amount),
            ('Equity:Conversion:' || s.currency_id, s.currency_id, side.sign * NEW.amount),
            (t.code, t.currency_id, side.sign * NEW.received),
            ('Equity:Conversion:' || t.currency_id, t.currency_id, -side.sign * NEW.received))) = 4
    ) THEN
        RAISE EXCEPTION 'conversion %: its entry is not what it says', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_conversion_fits_its_entry';
    END IF;
    RETURN NULL;
END $$;

-- An entry of a conversion comes with the conversion. At commit.
CREATE OR REPLACE FUNCTION treasury_entry_converts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM treasury_conversion WHERE entry_id = NEW.id AND state = 'done') THEN
        RAISE EXCEPTION 'entry %: no conversion has made it', NEW.idem_key
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_entry_converts';
    END IF;
    RETURN NULL;
END $$;
