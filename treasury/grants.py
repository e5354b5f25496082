"""What the app's role may do here: the ledger is written through `treasury_post` alone."""

NO_DIRECT_WRITE = [
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
    "treasury_checkpoint",
    "treasury_cashstep",
    "treasury_cashrun",
    "treasury_cashmark",
]
_LAST = "free: the last comparison; each differing one is an incident"
CHANGES: dict[str, dict[str, str]] = {
    "treasury_currency": {},
    "treasury_ledgeraccount": {},
    "treasury_dealposting": {
        "state": "edges: treasury_dealposting_edge: out of quarantine, once",
        "entry_id": "edges: treasury_dealposting_edge: with the state",
        "reason": "edges: treasury_dealposting_edge: with the state",
        "at": "edges: treasury_dealposting_edge: with the state",
    },
    "treasury_hold": {
        "state": "edges: treasury_hold_guard: once",
        "entry_id": "edges: treasury_hold_taken: by its own entry",
        "ended_by": "edges: treasury_hold_guard: with the end",
        "ended_at": "edges: treasury_hold_guard: with the end",
    },
    "treasury_postedmark": {
        "deal_id": "edges: treasury_postedmark_edge: it rises, and passes no deal without posting",
    },
    "treasury_cashcheck": {
        "heartbeat_at": _LAST,
        "ledger_cash": _LAST,
        "broker_balance": _LAST,
        "difference": _LAST,
        "mismatches_in_row": _LAST,
        "blind": _LAST,
        "checked_at": _LAST,
    },
}
# Beside the door into the ledger: its hashes again for `ledger_check`, and sums that stay.
FUNCTIONS = [
    "treasury_post(text, text, text[])",
    "treasury_leaf_bytes(bigint)",
    "treasury_checkpoint_next(integer, integer)",
    "treasury_cash_keep(integer)",
    "treasury_cash_touched(bigint, bigint)",
    "treasury_cash_of_positions(json, timestamptz)",
    "treasury_cash_beside(bigint, bigint, timestamptz)",
    "treasury_cash_folded(integer, treasury_cash_due[])",
    "treasury_cash_width(integer)",
]
