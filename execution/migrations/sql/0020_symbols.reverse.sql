-- A confirmation stands for the contract that was seen: what lots and prices mean changes only once
-- it is taken back.
CREATE OR REPLACE FUNCTION execution_symbol_contract_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF OLD.confirmation_id = NEW.confirmation_id AND OLD.digits IS NOT NULL THEN
        RAISE EXCEPTION 'symbol %: its contract changes once it is confirmed no more',
            OLD.broker_symbol
            USING ERRCODE = 'check_violation', CONSTRAINT = 'symbol_map_contract_stays';
    END IF;
    RETURN NEW;
END $$;

DROP FUNCTION execution_symbol_map_guard();
