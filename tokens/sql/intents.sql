-- What is intended on a chain: two people want it, a person does it, the reader finds its proof,
-- and only then its one entry is written.

-- What an intent changes, in base units: what was seen of it, else what it wants. What a purchase
-- brings is not known before.
CREATE OR REPLACE FUNCTION tokens_intent_change(
    p_intent tokens_chainintent, OUT supply numeric, OUT balance numeric
)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE p_intent.kind WHEN 'burn' THEN -units WHEN 'mint' THEN units ELSE 0 END,
        CASE WHEN p_intent.kind IN ('burn', 'payout') THEN -units ELSE units END
    FROM (SELECT coalesce(
        (SELECT t.units FROM tokens_chaintransaction t WHERE t.id = p_intent.transaction_id),
        CASE p_intent.kind WHEN 'buyback' THEN 0 ELSE p_intent.units END) AS units) one
$$;

CREATE OR REPLACE FUNCTION tokens_intent_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    -- A payout that is being written meanwhile waits, or is waited for.
    PERFORM FROM tokens_chainbinding WHERE id = NEW.binding_id FOR NO KEY UPDATE;
    IF NEW.state <> 'open' OR NEW.deadline <= events_now()
        OR abs(extract(epoch FROM NEW.opened_at - events_now())) > 60
        OR second_person_wants(NEW.request_id, 'chain.intent') IS NOT TRUE OR NOT EXISTS (
            SELECT FROM second_person_request r
                JOIN tokens_chainbinding b ON b.id = NEW.binding_id
                JOIN tokens_token t ON t.id = b.token_id
            WHERE r.id = NEW.request_id
                AND (r.payload::jsonb - 'deadline') = jsonb_build_object(
                    'token', t.code, 'book', b.book, 'kind', NEW.kind,
                    'units', NEW.units::text, 'other', NEW.other)
                AND (r.payload::json ->> 'deadline')::timestamptz = NEW.deadline) THEN
        RAISE EXCEPTION 'a second person confirms what is intended on a chain'
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_intent_wanted_by_two';
    END IF;
    IF (SELECT count(*) FROM tokens_chainintent
        WHERE binding_id = NEW.binding_id AND state IN ('open', 'matched')) >= 10 THEN
        RAISE EXCEPTION 'ten intents are open already'
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_intent_open_max';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tokens_intent_edge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF ROW(NEW.id, NEW.binding_id, NEW.kind, NEW.units, NEW.other, NEW.deadline, NEW.request_id,
           NEW.trace_id, NEW.opened_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.binding_id, OLD.kind, OLD.units, OLD.other, OLD.deadline, OLD.request_id,
           OLD.trace_id, OLD.opened_at)
       OR OLD.transaction_id IS NOT NULL AND NEW.transaction_id IS DISTINCT FROM OLD.transaction_id
       OR OLD.state <> 'open' AND NEW.told <> OLD.told THEN
        RAISE EXCEPTION 'intent %: what was intended and seen stays', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'matched'), ('open', 'lapsed'), ('open', 'withdrawn'), ('matched', 'posted')) THEN
        RAISE EXCEPTION 'intent %: no edge from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_intent_edge';
    END IF;
    IF NEW.state = 'matched' AND NOT tokens_intent_is_done_by(NEW) THEN
        RAISE EXCEPTION 'intent %: its transaction is not what it wants', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_intent_fits';
    END IF;
    IF NEW.state = 'posted' AND NOT EXISTS (
        SELECT FROM treasury_entry WHERE id = NEW.entry_id AND idem_key = 'intent:' || NEW.id) THEN
        RAISE EXCEPTION 'intent %: it has an entry of its own', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_intent_fits';
    END IF;
    RETURN NEW;
END $$;

-- Kind, amount, other side and time of the transaction are those of the intent.
CREATE OR REPLACE FUNCTION tokens_intent_is_done_by(p_intent tokens_chainintent) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT FROM tokens_chaintransaction t JOIN tokens_chainbinding b ON b.id = t.binding_id
        WHERE t.id = p_intent.transaction_id AND b.id = p_intent.binding_id
            AND CASE p_intent.kind
                WHEN 'burn' THEN t.way = 'burn' AND t.units = p_intent.units
                WHEN 'mint' THEN t.way = 'in' AND t.other = b.master AND t.units = p_intent.units
                WHEN 'payout' THEN t.way = 'out' AND t.other = p_intent.other
                    AND t.units = p_intent.units
                ELSE t.way = 'in' AND t.other <> b.master AND p_intent.other IN ('', t.other)
                    AND t.units >= p_intent.units END
            AND t.at >= date_trunc('second', p_intent.opened_at) AND t.at <= p_intent.deadline
            AND p_intent.told IN ('', t.sha256))
$$;

-- An entry closes the intent that it names, in the amounts that were seen, while its token's chain
-- was just read and whatever differs is explained; other intents may be open still.
CREATE OR REPLACE FUNCTION tokens_entry_closes(
    p_entry bigint, p_token text, p_supply numeric, p_balance numeric
) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (
        SELECT FROM treasury_entry e
            JOIN tokens_chainintent i ON e.idem_key = 'intent:' || i.id
            JOIN tokens_chainbinding b ON b.id = i.binding_id AND b.book = e.book
            JOIN tokens_token t ON t.id = b.token_id AND t.code = p_token
            CROSS JOIN LATERAL tokens_intent_change(i) c
        WHERE e.id = p_entry AND e.kind = 'token.' || i.kind AND i.state = 'matched'
            AND (p_supply, p_balance) = (c.supply, c.balance)
            AND tokens_binding_unready(b.id, ARRAY['green', 'lagging']) IS NULL)
$$;
