"""What the app's role may do here. Tokens come with migrations and never change."""

NO_DIRECT_WRITE = ["tokens_token", "tokens_supplyplanitem"]
_TOLD = "free: what people are told of the state; nothing is allowed by it"
CHANGES: dict[str, dict[str, str]] = {
    "tokens_positionaward": {},
    "tokens_ruleversion": {},
    "tokens_chainobservation": {},
    "tokens_chaintransaction": {},
    "tokens_reservesnapshot": {},
    "tokens_reserveleaf": {},
    "tokens_chainintent": {
        "state": "edges: tokens_intent_edge",
        "told": "edges: tokens_intent_edge: while it is open; which transaction is looked for",
        "transaction_id": "edges: tokens_intent_edge: once, one that fits",
        "entry_id": "edges: tokens_intent_edge: with posted, its own",
        "ended_at": _TOLD,
        "outcome": _TOLD,
    },
    "tokens_chainbinding": {
        "state": "edges: tokens_binding_edge: to what was last seen, or thawed by two people",
        "observation_id": "edges: tokens_binding_edge: with the state",
        "pinned_id": "edges: tokens_binding_edge: once, and anew after two people released it",
        "release_id": "edges: tokens_binding_edge: with the thaw",
        "reason": _TOLD,
        "since": _TOLD,
        "drifts_in_row": _TOLD,
        "failures_in_row": _TOLD,
        "due_at": "free: when it is to be read next; what is old allows nothing",
        "node_url": "edges: tokens_binding_edge: of the loopback server alone",
        "index_url": "edges: tokens_binding_edge: of the loopback server alone",
    },
}
# What the triggers of those tables ask, and pages for the ledger's side and for what holds payouts
# back. They change nothing.
FUNCTIONS = [
    "tokens_ledger_units(bigint, text)",
    "tokens_binding_unready(bigint, text[])",
    "tokens_is_pinned(bigint, tokens_chainobservation)",
    "tokens_state_earned(tokens_chainobservation)",
    "tokens_intent_change(tokens_chainintent)",
    "tokens_intent_is_done_by(tokens_chainintent)",
    "tokens_binding_thaw(tokens_chainbinding, tokens_chainbinding)",
    "tokens_reserves_owed(text)",
]
