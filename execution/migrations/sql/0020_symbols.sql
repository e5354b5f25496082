-- A proposal may be moved to another instrument while nobody has confirmed it (the foreign key
-- `symbol_map_as_confirmed`) and nothing of it is at the broker or on its way there.
CREATE OR REPLACE FUNCTION execution_symbol_map_guard() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NEW.instrument <> OLD.instrument AND (
        EXISTS (
            SELECT FROM execution_position p
            WHERE p.account_id = OLD.account_id AND p.instrument = OLD.instrument
                AND p.closed_at IS NULL)
        OR EXISTS (
            SELECT FROM execution_order o
            WHERE o.account_id = OLD.account_id AND o.instrument = OLD.instrument
                AND NOT execution_order_has_ended(o.state))) THEN
        RAISE EXCEPTION 'symbol map %: something is open on %', OLD.id, OLD.instrument
            USING ERRCODE = 'check_violation', CONSTRAINT = 'symbol_map_in_use';
    END IF;
    RETURN NEW;
END $$;

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
