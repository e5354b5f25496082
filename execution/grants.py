"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

FUNCTIONS = [
    "execution_order_edge_is_legal(text, text)",
    "execution_order_filled_lots(bigint)",
    "execution_order_enters(execution_order, signals_decision)",
    "execution_order_leaves(execution_order, signals_decision)",
    "execution_position_money(bigint, bigint)",
    "execution_order_check_sum(bigint)",
    "execution_position_check_sum(bigint, bigint)",
]
_SNAPSHOT = "free: what the terminal said last; the next heartbeat says it anew"
_SHEET = "free: the contract sheet as the terminal said it last"
_MOVED = "edges: execution_order_guard: with a move alone"
_FOLD = "edges: execution_position_guard: with the next fold; refolded by execution.check_folds"
_SUM = "edges: execution_position_adds_up: what its deals add up to, at commit"

CHANGES: dict[str, dict[str, str]] = {
    # Who it is, its book and its limits are set when it is made.
    "execution_brokeraccount": {
        "state": "free: the switch; the log tells who turned it",
        "state_reason": "free: with the switch",
        "balance": _SNAPSHOT,
        "equity": _SNAPSHOT,
        "margin": _SNAPSHOT,
        "instance": "free: who holds the account now",
        "instance_nonce": "free: which run of it",
        "instance_minor": "free: what its hello says that it reads",
        "refused_nonce": "free: which copy of it was refused last",
        "refused_since": "free: since when that copy is refused",
        "instance_seen_at": "free: since when it was last heard",
        "last_seen_at": _SNAPSHOT,
        "heartbeat_at": _SNAPSHOT,
        "watermark_time_msc": _SNAPSHOT,
        "watermark_ticket": _SNAPSHOT,
        "open_tickets": _SNAPSHOT,
        "reconciled_heartbeat_at": "free: what the reconciler looked at last",
        "mismatches_in_row": "free: what the reconciler counts",
    },
    "execution_deal": {},
    "execution_executorkey": {
        "revoked_at": "edges: execution_key_guard: once",
        "last_used_at": "free: when it was last used",
        "instance": "free: who used it last",
    },
    "execution_order": {
        "filled_lots": "edges: execution_order_adds_up: what its deals add up to, at commit",
        "closing_decision_id": "edges: execution_order_frozen: once, to an approved decision",
        "state": "edges: execution_order_guard",
        "fence": "edges: execution_order_guard: one lease at a time",
        "reason": _MOVED,
        "message": _MOVED,
        "retcode": _MOVED,
        "lease_until": _MOVED,
        "lease_key_id": _MOVED,
        "instance": _MOVED,
        "leased_at": _MOVED,
        "acknowledged_at": _MOVED,
        "ended_at": _MOVED,
    },
    "execution_position": {
        "profit": _SUM,
        "swap": _SUM,
        "commission": _SUM,
        "fee": _SUM,
        "net": _SUM,
        "side": _FOLD,
        "volume_open_lots": _FOLD,
        "volume_closed_lots": _FOLD,
        "price_open": _FOLD,
        "price_close": _FOLD,
        "close_price_requested": _FOLD,
        "risk_money": _FOLD,
        "opened_at": _FOLD,
        "closed_at": _FOLD,
        "fold_revision": "edges: execution_position_guard: one fold at a time",
        "updated_at": "edges: execution_position_guard: with the next fold",
        "sl": "edges: execution_position_guard: what an amend has done",
        "tp": "edges: execution_position_guard: what an amend has done",
    },
    "execution_report": {},
    "execution_subscription": {
        "lots_default": "free: what entries without size or stop get",
        "is_active": "free: whether the account follows",
    },
    "execution_symbolconfirmation": {},
    "execution_symbolmap": {
        "confirmation_id": "edges: symbol_map_as_confirmed: to what a person saw, or none",
        "digits": _SHEET,
        "tick_size": _SHEET,
        "tick_value": _SHEET,
        "contract_size": _SHEET,
        "lot_min": _SHEET,
        "lot_step": _SHEET,
        "lot_max": _SHEET,
        "stops_level_points": _SHEET,
        "sheet_at": _SHEET,
    },
}
