-- What was seen on a chain, and the state that follows. Nobody chooses times and the ledger's side;
-- the chain's amounts are the reader's word, and no state may say better than they give.
CREATE OR REPLACE FUNCTION tokens_observation_birth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_binding tokens_chainbinding;
    v_newest bigint;
BEGIN
    SELECT * INTO v_binding FROM tokens_chainbinding WHERE id = NEW.binding_id FOR NO KEY UPDATE;
    NEW.at := events_now();
    SELECT l.supply, l.balance INTO NEW.ledger_supply, NEW.ledger_balance
        FROM tokens_ledger_units(v_binding.token_id, v_binding.book) l;
    SELECT max(seqno) INTO v_newest FROM tokens_chainobservation WHERE binding_id = NEW.binding_id;
    IF NEW.seqno < v_newest OR NEW.block_at > NEW.at + interval '1 minute' THEN
        RAISE EXCEPTION 'block % of binding % is older than the one before, or not made yet',
            NEW.seqno, NEW.binding_id
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_observation_goes_on';
    END IF;
    IF v_binding.state = 'frozen' AND NEW.state <> 'frozen' THEN
        RAISE EXCEPTION 'binding % is frozen', NEW.binding_id
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_observation_stays_frozen';
    END IF;
    IF NEW.state IN ('green', 'lagging') AND (
        NEW.block_at < NEW.at - interval '5 minutes'
        OR NOT tokens_is_pinned(v_binding.pinned_id, NEW)
        OR tokens_state_earned(NEW) IS DISTINCT FROM NEW.state) THEN
        RAISE EXCEPTION 'binding % is not % with % of % on the chain and % of % in the ledger',
            NEW.binding_id, NEW.state, NEW.balance, NEW.supply, NEW.ledger_balance, NEW.ledger_supply
            USING ERRCODE = '23514', CONSTRAINT = 'tokens_observation_earns_its_state';
    END IF;
    RETURN NEW;
END $$;

-- The contract is the one that was bound.
CREATE OR REPLACE FUNCTION tokens_is_pinned(p_pinned bigint, p_seen tokens_chainobservation)
    RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT p_pinned IS NULL OR EXISTS (
        SELECT FROM tokens_chainobservation o WHERE o.id = p_pinned
            AND (o.admin, o.mintable, o.wallet, o.wallet_code)
                = (p_seen.admin, p_seen.mintable, p_seen.wallet, p_seen.wallet_code))
$$;

-- Green where chain and ledger hold the same, nothing is open; lagging where the chain holds what
-- all intents that were seen done, and any part of the others, make of the ledger.
CREATE OR REPLACE FUNCTION tokens_state_earned(p_seen tokens_chainobservation) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
    AS $$
    WITH RECURSIVE step AS (
        SELECT row_number() OVER (ORDER BY i.id) AS n, i.state = 'matched' AS is_seen,
            c.supply, c.balance
        FROM tokens_chainintent i CROSS JOIN LATERAL tokens_intent_change(i) c
        WHERE i.binding_id = p_seen.binding_id AND i.state IN ('open', 'matched')
    ), reach (n, supply, balance) AS (
        SELECT 0::bigint, p_seen.ledger_supply::numeric, p_seen.ledger_balance::numeric
        UNION
        SELECT step.n, reach.supply + done * step.supply, reach.balance + done * step.balance
        FROM reach JOIN step ON step.n = reach.n + 1 CROSS JOIN (VALUES (0::numeric), (1)) v (done)
        WHERE done = 1 OR NOT step.is_seen
    )
    SELECT CASE WHEN EXISTS (
            SELECT FROM reach WHERE n = (SELECT count(*) FROM step)
                AND (supply, balance) = (p_seen.supply, p_seen.balance))
        THEN CASE WHEN EXISTS (SELECT FROM step) THEN 'lagging' ELSE 'green' END END
$$;
