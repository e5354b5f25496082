"""Database rights beyond the ordinary: read by `manage.py setup_roles`."""

NO_DELETE = ["signals_decision", "signals_strategy", "signals_strategysecret"]

_PARTS_OF_ACCEPT = ("judge", "judge_unstored", "store", "decide", "tell_refusal")
FUNCTIONS = [
    "signals_handlers(jsonb, text)",
    "signals_target(bigint, text, text, text, text, text, boolean)",
    "signals_means_entry(text, text, text, text, text, text, bigint, integer, signals_decision)",
    "signals_supersede(bigint, text, timestamptz, text[])",
    "signals_delivery_partitions(integer)",
    "signals_trade_is_closed(bigint, text, timestamptz, timestamptz)",
    "signals_entries_are_full(bigint, integer, timestamptz)",
    "signals_accept(signals_delivery_in)",
    "signals_open_case(signals_delivery_in)",
    *(f"signals_{part}(signals_delivery_in, signals_intake_case)" for part in _PARTS_OF_ACCEPT),
    "signals_decide_leg(signals_delivery_in, signals_intake_case, integer)",
    "signals_refuse(bigint, bigint, bytea, text, text, text, text, text, text, text, text[])",
    "signals_peer_take(text, integer, integer)",
    "signals_unknown_caller(bytea, integer, text, text, text, integer, integer)",
]
