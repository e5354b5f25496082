-- What is paid out of a pool is just the amount of the pool that two people wanted, from money that
-- has left the account that they named, or that the stream has brought. At commit.
-- CONSTRAINT TRIGGER on treasury_entry WHEN (NEW.kind = 'pool.pay').
CREATE OR REPLACE FUNCTION treasury_pool_paid_as_wanted() RETURNS trigger
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
        WHERE l.entry_id = NEW.id AND a.code = v_wanted ->> 'pool'
            AND a.code LIKE 'Liabilities:Pool:%' AND l.amount = (v_wanted ->> 'amount')::numeric
    ) OR NOT EXISTS (
        SELECT FROM treasury_line l JOIN treasury_ledgeraccount a ON a.id = l.account_id
        WHERE l.entry_id = NEW.id AND l.amount < 0 AND (
            a.code = 'Assets:Revenue:' || (
                SELECT s.name FROM treasury_revenuestream s
                WHERE s.id = (v_wanted ->> 'stream_id')::bigint AND s.book = NEW.book)
            OR a.code LIKE 'Assets:Transit:%' AND EXISTS (
                -- The account's deals of such a kind have moved the same transit.
                SELECT FROM execution_deal d
                    JOIN treasury_dealposting p ON p.deal_id = d.id
                    JOIN treasury_line other ON other.entry_id = p.entry_id
                WHERE d.account_id = (v_wanted ->> 'account_id')::bigint
                    AND d.kind = 'balance' AND other.account_id = l.account_id))
    ) OR (SELECT count(*) FROM treasury_line WHERE entry_id = NEW.id) <> 2 THEN
        RAISE EXCEPTION 'entry % is not what two people wanted', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'treasury_pool_paid_as_wanted';
    END IF;
    RETURN NULL;
END $$;
