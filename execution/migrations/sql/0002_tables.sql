-- What Django does not see: a confirmation is in force for exactly the map that the person saw.
ALTER TABLE execution_symbolconfirmation
    ADD CONSTRAINT symbol_confirmation_says
        UNIQUE (id, symbol_map_id, instrument, broker_symbol);
ALTER TABLE execution_symbolmap
    ADD CONSTRAINT symbol_map_as_confirmed
        FOREIGN KEY (confirmation_id, id, instrument, broker_symbol)
        REFERENCES execution_symbolconfirmation (id, symbol_map_id, instrument, broker_symbol);
