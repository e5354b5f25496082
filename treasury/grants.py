"""Rights of the application role: the ledger is written through `treasury_post` alone."""

NO_DIRECT_WRITE = [
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
]
FUNCTIONS = [
    "treasury_post(text, text, text[])",
]
