"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

NO_DIRECT_WRITE = ["signals_lobeweight"]
CHANGES: dict[str, dict[str, str]] = {
    "signals_alert": {},
    "signals_alertconflict": {},
    "signals_bar": {},
    "signals_barseries": {
        "first_open_at": "free: what was appended, summed up; the bars tell it too",
        "newest_open_at": "free: what was appended, summed up; the bars tell it too",
        "recorded_at": "free: what was appended, summed up; the bars tell it too",
    },
    "signals_decision": {
        "state": "edges: signals_decision_move",
        "reason": "edges: signals_decision_move: with the state",
        "decided_at": "edges: signals_decision_move: with the state",
        "author": "edges: signals_decision_frozen: once, by fusion",
        "inputs": "edges: signals_decision_frozen: once, by fusion",
        "inputs_sha256": "edges: signals_decision_frozen: once, by fusion",
        "risk_bps": "edges: signals_decision_frozen: once, by fusion",
        "size_factor": "edges: signals_decision_frozen: once, by fusion",
        "p_final": "edges: signals_decision_frozen: once, by fusion",
        "reviews_needed": "edges: signals_decision_frozen: once, by fusion",
    },
    "signals_delivery": {},
    "signals_expectation": {
        "declared_seconds": "free: what the owner declares; the log tells who changed it",
        "last_alert_id": "free: what the watch saw last",
        "last_at": "free: what the watch saw last",
        "due_by": "free: when the watch looks next",
    },
    "signals_feature": {},
    "signals_fusionscore": {},
    "signals_fusionstate": {},
    "signals_label": {},
    "signals_lobespend": {
        "usd": "free: what calls cost, put by before and settled after; each opinion tells its own",
    },
    "signals_newsevent": {},
    "signals_newsimport": {},
    "signals_opinion": {},
    "signals_peerwindow": {
        "started_at": "free: a count for limits, worth no evidence",
        "seen": "free: a count for limits, worth no evidence",
    },
    "signals_preview": {},
    "signals_review": {},
    "signals_strategy": {
        "name": "free: what people call it; the log tells who changed it",
        "version": "edges: signals_strategy_guard: one change at a time",
        "is_active": "free: what its switch says, which execution tells anew every ten seconds",
        "policy_id": "edges: signals_strategy_guard: to a later version of its own",
        "changed_at": "free: when the version rose",
    },
    "signals_strategypolicy": {},
    "signals_strategysecret": {
        "valid_until": "edges: signals_secret_guard: sooner, never later",
    },
    "signals_toldposition": {
        "gap_after": "free: that a gap was told, so that it is told once",
    },
    "signals_tradable": {
        "reasons": "free: what execution pushed last; it is pushed anew by the clock",
        "otherwise": "free: with the reasons",
        "is_live_alone": "free: with the reasons",
        "updated_at": "free: with the reasons",
    },
    "signals_unknowncallerminute": {
        "seen": "free: a count of strangers",
    },
    "signals_unknowncallersample": {},
}
DELETES = {
    "signals_peerwindow": "forgotten after minutes",
    "signals_toldposition": "forgotten after weeks; the alert that told it stays",
    "signals_unknowncallerminute": "forgotten after 90 days",
    "signals_unknowncallersample": "forgotten after a day",
}

_PARTS_OF_ACCEPT = ("judge", "judge_known", "judge_unstored", "store", "decide", "tell_refusal")
FUNCTIONS = [
    "signals_handlers(jsonb, text)",
    "signals_target(bigint, text, text, text, text, text, boolean, timestamptz)",
    "signals_means_entry(text, text, text, text, text, text, bigint, integer, signals_decision)",
    "signals_supersede(bigint, text, timestamptz, text[])",
    "signals_delivery_partitions(integer)",
    "signals_bar_partitions(integer)",
    "signals_trade_is_closed(bigint, text, timestamptz, timestamptz)",
    "signals_entries_are_full(bigint, integer, timestamptz)",
    "signals_accept(signals_delivery_in)",
    "signals_entry_since(bigint, bigint)",
    "signals_entry_is_younger(bigint, text, timestamptz)",
    "signals_insert_alert(signals_delivery_in, signals_intake_case, text, text)",
    "signals_open_case(signals_delivery_in)",
    *(f"signals_{part}(signals_delivery_in, signals_intake_case)" for part in _PARTS_OF_ACCEPT),
    "signals_decide_leg(signals_delivery_in, signals_intake_case, integer)",
    "signals_refuse(bigint, bigint, bytea, text, text, text, text, text, text, text, boolean,"
    " text[])",
    "signals_peer_take(text, integer, integer)",
    "signals_unknown_caller(bytea, integer, text, text, text, integer, integer)",
    "signals_plan_numbers_hold(jsonb, text[])",
    "signals_plan_distances(jsonb)",
    "signals_plan_seconds_hold(jsonb, integer)",
    "signals_plan_targets_fault(jsonb, jsonb)",
    "signals_plan_rules_fault(jsonb)",
    "signals_plan_fault(jsonb)",
    "signals_plan_open_for(text)",
    "signals_spend_take(text, numeric, numeric)",
    "signals_spend_settle(text, date, numeric, numeric)",
]
