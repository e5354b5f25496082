"""What the app's role may do here: the ledger is written through `treasury_post` alone."""

NO_DIRECT_WRITE = [
    "treasury_allocationpolicy",
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
    "treasury_balance",
    "treasury_checkpoint",
    "treasury_cashstep",
    "treasury_cashrun",
    "treasury_cashmark",
    "treasury_tradeday",
    "treasury_periodclose",
    "treasury_periodfigure",
    "treasury_periodadjustment",
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
    "treasury_policyversion": {
        "valid_until": "edges: treasury_policy_ends: now or later, never later than before",
    },
    "treasury_revenuestream": {},
    "treasury_policybinding": {
        "valid_until": "edges: treasury_policy_ends: now or later, never later than before",
    },
    "treasury_unitseries": {"mark": "edges: treasury_unitseries_rises: upwards alone"},
    "treasury_distribution": {},
    "treasury_distributionsource": {},
    "treasury_hold": {
        "state": "edges: treasury_hold_guard: once",
        "entry_id": "edges: treasury_hold_taken: by its own entry",
        "ended_by": "edges: treasury_hold_guard: with the end",
        "ended_at": "edges: treasury_hold_guard: with the end",
    },
    "treasury_pricesnapshot": {},
    "treasury_conversion": {
        "state": "edges: treasury_conversion_edge: once",
        "waits_for": "free: in words what it waits for; empty once it has ended",
        "price_id": "edges: treasury_conversion_priced: one that gives what was received",
        "received": "edges: treasury_conversion_priced: what the price gives",
        "entry_id": "edges: treasury_conversion_booked: that which moved just these amounts",
        "ended_by": "edges: treasury_conversion_edge: with the end",
        "ended_at": "edges: treasury_conversion_edge: with the end",
    },
    "treasury_postedmark": {
        "deal_id": "edges: treasury_postedmark_edge: it rises, and passes no deal without posting",
    },
    "treasury_accountcheck": {
        "state": _LAST,
        "ours": _LAST,
        "theirs": _LAST,
        "difference": _LAST,
        "note": _LAST,
        "mismatches_in_row": _LAST,
        "heartbeat_at": _LAST,
        "since_at": _LAST,
        "checked_at": _LAST,
    },
    "treasury_statement": {},
    "treasury_statementdifference": {},
}
# Beside the door into the ledger: its hashes again for `ledger_check`, sums that stay, and what a
# check of a table calls.
FUNCTIONS = [
    "treasury_post(text, text, text[])",
    "treasury_leaf_bytes(bigint)",
    "treasury_checkpoint_next(integer, integer)",
    "treasury_bps_sum(jsonb)",
    "treasury_coin_digits(text)",
    "treasury_period_close(text, text, text)",
    "treasury_period_entries(treasury_periodclose)",
    "treasury_period_figures(treasury_periodclose)",
    "treasury_period_adjustments(treasury_periodclose)",
    "treasury_period_bytes(treasury_periodclose)",
    "treasury_cash_keep(integer)",
    "treasury_cash_touched(bigint, bigint)",
    "treasury_cash_of_positions(json, timestamptz)",
    "treasury_cash_beside(bigint, bigint, timestamptz)",
    "treasury_cash_folded(integer, treasury_cash_due[])",
    "treasury_cash_width(integer)",
    "treasury_trade_days_folded(treasury_cash_due[])",
]
