-- In Postgres NaN is greater than every number and equal to itself, so it passes the usual checks.
ALTER TABLE treasury_line
    ADD CONSTRAINT treasury_line_is_number CHECK (amount <> 'NaN'::numeric);

-- Hashes are taken of UTF-8, and octet_length counts what the server stores.
DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the ledger needs a database in UTF8, this one is in %',
            current_setting('server_encoding');
    END IF;
END $$;
