"""Treasury: deal → journal entry → balance, in a ledger the database itself keeps balanced."""
