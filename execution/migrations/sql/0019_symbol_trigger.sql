CREATE TRIGGER execution_symbol_contract_stays BEFORE UPDATE ON execution_symbolmap
    FOR EACH ROW WHEN ((NEW.digits, NEW.tick_size, NEW.contract_size)
        IS DISTINCT FROM (OLD.digits, OLD.tick_size, OLD.contract_size))
    EXECUTE FUNCTION execution_symbol_contract_guard();
ALTER TABLE execution_symbolmap ENABLE ALWAYS TRIGGER execution_symbol_contract_stays;
