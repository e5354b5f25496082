"""The one table of MT5 trade return codes: what each means, what follows, and who has to act.

Source: MQL5 reference, "Return codes of the trade server". Pure.
"""

from dataclasses import dataclass
from typing import Final

# What the executor does.
SUCCESS: Final = "success"
RETRY: Final = "retry"
LOOK_UP: Final = "look_up"
FIX_ONCE: Final = "fix_once"
PAUSE: Final = "pause"
REJECT: Final = "reject"
NO_OP: Final = "no_op"
ACTIONS: Final = {
    SUCCESS: "goes on: the deal or the resting order tells the rest",
    RETRY: "asks again with a fresh price, two or three times while the order is valid",
    LOOK_UP: "looks for the order's number at the broker before anything else is sent",
    FIX_ONCE: "corrects what the code names and tries once more",
    PAUSE: "waits, and keeps the order as long as it is valid",
    REJECT: "sends no more of it and reports the order rejected",
    NO_OP: "takes it as done: the wanted state is there already",
}

# Who has to act where the code comes again and again.
NOBODY: Final = "nobody"
DESK: Final = "desk"
TERMINAL: Final = "terminal"
BROKER: Final = "broker"
WHO: Final = {
    NOBODY: "nobody: it is part of trading",
    DESK: "the desk: strategy, sizes, stops or the account's setup here",
    TERMINAL: "whoever runs the terminal: its connection, its switches, its program",
    BROKER: "the broker: ask them, with the time and the order's number",
}


@dataclass(frozen=True, slots=True)
class Retcode:
    """One code: MT5's name in lower case, what the executor does, who acts, what it means."""

    name: str
    action: str
    who: str
    meaning: str


RETCODES: Final[dict[int, Retcode]] = {
    10004: Retcode("requote", RETRY, NOBODY, "The price moved; the broker offers another one."),
    10006: Retcode("reject", REJECT, BROKER, "The broker refused the request, without a reason."),
    10007: Retcode("cancel", REJECT, NOBODY, "The request was cancelled by the trader."),
    10008: Retcode("placed", SUCCESS, NOBODY, "The order was placed; it is no fill yet."),
    10009: Retcode("done", SUCCESS, NOBODY, "The request was carried out."),
    10010: Retcode("done_partial", SUCCESS, NOBODY, "Only a part of the volume was filled."),
    10011: Retcode("error", LOOK_UP, BROKER, "The request failed half-way; what it did is unsure."),
    10012: Retcode("timeout", LOOK_UP, TERMINAL, "No answer in time; it may be carried out."),
    10013: Retcode("invalid", REJECT, TERMINAL, "The request makes no sense to the broker."),
    10014: Retcode("invalid_volume", REJECT, DESK, "The symbol is not sold in such a volume."),
    10015: Retcode("invalid_price", FIX_ONCE, DESK, "The price is on no tick or wrongly placed."),
    10016: Retcode("invalid_stops", FIX_ONCE, DESK, "Stop or target is too near or misplaced."),
    10017: Retcode("trade_disabled", PAUSE, BROKER, "Trading is switched off for the symbol."),
    10018: Retcode("market_closed", PAUSE, NOBODY, "The symbol's session is closed."),
    10019: Retcode("no_money", REJECT, DESK, "There is not enough free margin."),
    10020: Retcode("price_changed", RETRY, NOBODY, "The price changed while it was asked for."),
    10021: Retcode("price_off", RETRY, TERMINAL, "There is no quote to carry it out at."),
    10022: Retcode("invalid_expiration", REJECT, DESK, "The symbol takes no such expiry."),
    10023: Retcode("order_changed", REJECT, NOBODY, "The order changed while it was asked for."),
    10024: Retcode("too_many_requests", RETRY, DESK, "Too many requests in a short time."),
    10025: Retcode("no_changes", NO_OP, NOBODY, "The order or position is like that already."),
    10026: Retcode(
        "server_disables_autotrading", PAUSE, BROKER, "The broker lets no program trade here."
    ),
    10027: Retcode(
        "client_disables_autotrading", PAUSE, TERMINAL, "Algo Trading is off in the terminal."
    ),
    10028: Retcode("locked", RETRY, NOBODY, "The broker is still at work on the order."),
    10029: Retcode("frozen", RETRY, NOBODY, "The price is too near for a change."),
    10030: Retcode("invalid_fill", FIX_ONCE, DESK, "The symbol knows no such filling."),
    10031: Retcode("connection", LOOK_UP, TERMINAL, "The terminal does not reach the broker."),
    10032: Retcode("only_real", REJECT, DESK, "Only accounts with real money may do that."),
    10033: Retcode("limit_orders", REJECT, DESK, "The account has as many orders as it may have."),
    10034: Retcode("limit_volume", REJECT, DESK, "The symbol's limit of volume is reached."),
    10035: Retcode("invalid_order", REJECT, TERMINAL, "There is no such order, or not that kind."),
    10036: Retcode("position_closed", NO_OP, NOBODY, "The position is closed already."),
    10038: Retcode("invalid_close_volume", REJECT, DESK, "More was to be closed than is open."),
    10039: Retcode("close_order_exists", REJECT, DESK, "Another order closes it already."),
    10040: Retcode("limit_positions", REJECT, DESK, "The account has as many positions as it may."),
    10041: Retcode("reject_cancel", REJECT, NOBODY, "It was cancelled before it took effect."),
    10042: Retcode("long_only", REJECT, DESK, "The symbol may only be bought."),
    10043: Retcode("short_only", REJECT, DESK, "The symbol may only be sold."),
    10044: Retcode("close_only", REJECT, DESK, "Positions in the symbol may only be closed."),
    10045: Retcode("fifo_close", REJECT, DESK, "The oldest position has to be closed first."),
    10046: Retcode("hedge_prohibited", REJECT, DESK, "No opposite position is allowed here."),
}


def retcode_get(code: int) -> Retcode:
    """Return the table's row; an unknown code is looked up, never resent."""
    odd = Retcode(f"retcode_{code}", LOOK_UP, BROKER, "A code that the reference does not name.")
    return RETCODES.get(code, odd)


def retcode_name(code: int | None) -> str:
    """Return the code's name, or `retcode_<n>` for one that is not in the table."""
    return "" if code is None else retcode_get(code).name


def retcode_action(code: int) -> str:
    """Return what the executor does."""
    return retcode_get(code).action
