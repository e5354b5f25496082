"""Non-trivial reads of the ledger."""
