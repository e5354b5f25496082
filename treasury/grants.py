"""Rights of the application role: the ledger is written through `treasury_post` alone."""

NO_DIRECT_WRITE = [
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
]
# Mutable rows that stay: what became of a deal, and the last cash comparison.
NO_DELETE = [
    "treasury_dealposting",
    "treasury_cashcheck",
]
# Beside the door into the ledger only what re-derives its hashes for `ledger_check`.
FUNCTIONS = [
    "treasury_post(text, text, text[])",
    "treasury_leaf_bytes(bigint)",
    "treasury_field(text)",
    "treasury_microseconds(timestamptz)",
]
