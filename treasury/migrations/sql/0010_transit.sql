-- Who answers for money on its way: two people, for the amount and the account that they wanted.
-- BEFORE INSERT on treasury_entry WHEN (NEW.kind = 'transit.cleared').
CREATE OR REPLACE FUNCTION treasury_transit_wanted() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.source <> 'second_person.request:' || split_part(NEW.idem_key, ':', 2)
            OR NOT second_person_wants(split_part(NEW.idem_key, ':', 2)::bigint, 'transit.clear') THEN
        RAISE EXCEPTION 'nobody wants entry %: money on its way is answered for by two people',
            NEW.idem_key USING ERRCODE = '23514', CONSTRAINT = 'treasury_transit_wanted';
    END IF;
    RETURN NEW;
END $$;

-- It moves just that amount, between the transit of that account and capital. At commit.
CREATE OR REPLACE FUNCTION treasury_transit_as_wanted() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    v_wanted json;
BEGIN
    SELECT payload::json INTO v_wanted FROM second_person_request
        WHERE id = split_part(NEW.idem_key, ':', 2)::bigint;
    IF NOT EXISTS (
        SELECT FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE l.entry_id = NEW.id AND a.code LIKE 'Assets:Transit:%'
            AND l.amount = (v_wanted ->> 'amount')::numeric
            AND EXISTS (
                -- The deals of the account that it clears have moved the same transit.
                SELECT FROM execution_deal d
                    JOIN treasury_dealposting p ON p.deal_id = d.id
                    JOIN treasury_line other ON other.entry_id = p.entry_id
                WHERE d.account_id = (v_wanted ->> 'account_id')::bigint
                    AND d.kind = 'balance' AND other.account_id = l.account_id)
    ) OR EXISTS (
        SELECT FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE l.entry_id = NEW.id AND a.code NOT LIKE 'Assets:Transit:%'
            AND a.code NOT LIKE 'Equity:Capital:%'
    ) OR (SELECT count(*) FROM treasury_line WHERE entry_id = NEW.id) <> 2 THEN
        RAISE EXCEPTION 'entry % is not what two people wanted', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_transit_as_wanted';
    END IF;
    RETURN NULL;
END $$;
