"""The one table of MT5 trade return codes: what an executor does with each.

Source: MQL5 reference, "Return codes of the trade server".
"""

from typing import Final

SUCCESS: Final = "success"
RETRY: Final = "retry"
LOOK_UP: Final = "look_up"
FIX_ONCE: Final = "fix_once"
PAUSE: Final = "pause"
REJECT: Final = "reject"
NO_OP: Final = "no_op"

# code: (name, what the executor does)
RETCODES: Final[dict[int, tuple[str, str]]] = {
    10004: ("requote", RETRY),
    10006: ("reject", REJECT),
    10007: ("cancel", REJECT),
    10008: ("placed", SUCCESS),
    10009: ("done", SUCCESS),
    10010: ("done_partial", SUCCESS),
    10011: ("error", LOOK_UP),
    10012: ("timeout", LOOK_UP),
    10013: ("invalid", REJECT),
    10014: ("invalid_volume", REJECT),
    10015: ("invalid_price", FIX_ONCE),
    10016: ("invalid_stops", FIX_ONCE),
    10017: ("trade_disabled", PAUSE),
    10018: ("market_closed", PAUSE),
    10019: ("no_money", REJECT),
    10020: ("price_changed", RETRY),
    10021: ("price_off", RETRY),
    10022: ("invalid_expiration", REJECT),
    10023: ("order_changed", REJECT),
    10024: ("too_many_requests", RETRY),
    10025: ("no_changes", NO_OP),
    10026: ("server_disables_autotrading", PAUSE),
    10027: ("client_disables_autotrading", PAUSE),
    10028: ("locked", RETRY),
    10029: ("frozen", RETRY),
    10030: ("invalid_fill", FIX_ONCE),
    10031: ("connection", LOOK_UP),
    10032: ("only_real", REJECT),
    10033: ("limit_orders", REJECT),
    10034: ("limit_volume", REJECT),
    10035: ("invalid_order", REJECT),
    10036: ("position_closed", NO_OP),
    10038: ("invalid_close_volume", REJECT),
    10039: ("close_order_exists", REJECT),
    10040: ("limit_positions", REJECT),
    10041: ("reject_cancel", REJECT),
    10042: ("long_only", REJECT),
    10043: ("short_only", REJECT),
    10044: ("close_only", REJECT),
    10045: ("fifo_close", REJECT),
    10046: ("hedge_prohibited", REJECT),
}


def retcode_name(code: int | None) -> str:
    """Return the code's name, or `retcode_<n>` for one that is not in the table."""
    if code is None:
        return ""
    return RETCODES.get(code, (f"retcode_{code}", LOOK_UP))[0]


def retcode_action(code: int) -> str:
    """Return what to do; an unknown code is looked up, never resent."""
    return RETCODES.get(code, ("", LOOK_UP))[1]
