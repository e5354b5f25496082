"""`make sim-ledger`: the ledgers in a made world, beside a model that shares no code with them."""
