"""Whether a deal can be its order's, and what it is to it: one table of directions. Pure.

Source of the words: MQL5 reference, ENUM_DEAL_ENTRY, ENUM_DEAL_REASON, ENUM_ACCOUNT_MARGIN_MODE.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from execution.rules.rebuilding import REBUILD_REASONS
from execution.wire import ReportedDeal

TRADING_KINDS: Final = ("buy", "sell")
# The broker's clock and ours differ by less; where the deal's own offset is a guess, by an hour.
CLOCKS_APART: Final = timedelta(seconds=60)
CLOCKS_APART_UNSURE: Final = timedelta(seconds=3_660)


class Role(StrEnum):
    """What a deal is to the order whose number it bears."""

    FILLS = "fills"
    # It changes the position that the entry opened: a stop, a close by the executor, a rebuilding.
    KEEPS = "keeps"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What matching knows of an order; `low` and `high` bound the prices of its fills."""

    verb: str
    side: str
    broker_symbol: str
    position_ticket: int
    staged_at: datetime
    was_refused: bool
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The role, and for CANNOT why; `oddity` says what is wrong with a deal that fills."""

    role: Role
    reason: str = ""
    oddity: str = ""


# Stops, targets and stop-outs of a position that was turned round since, and rebuildings.
_NOT_BY_AN_ORDER: Final = frozenset({"sl", "tp", "so"}) | REBUILD_REASONS

_HEDGING: Final = frozenset({"hedging"})
_NETTING: Final = frozenset({"netting"})
_BOTH: Final = _HEDGING | _NETTING

# (verb, entry of the deal, trades on the order's side) → in which margin modes, and as what.
# On the other side an entry's number stands on stops, targets, stop-outs and on protective and plan
# closes of the executor: MT5 copies the position's magic. On its own side a netting entry against
# what is held takes it off (`out`) or turns it round (`inout`).
_DIRECTIONS: Final[dict[tuple[str, str, bool], tuple[frozenset[str], Role]]] = {
    ("entry", "in", True): (_BOTH, Role.FILLS),
    ("entry", "inout", True): (_NETTING, Role.FILLS),
    ("entry", "out", True): (_NETTING, Role.FILLS),
    ("entry", "out", False): (_BOTH, Role.KEEPS),
    ("entry", "out_by", False): (_HEDGING, Role.KEEPS),
    ("exit", "out", True): (_BOTH, Role.FILLS),
    ("exit", "out_by", True): (_HEDGING, Role.FILLS),
    # More was sent than was open any more: it is the order's, and it opened what nobody wanted.
    ("exit", "inout", True): (_NETTING, Role.FILLS),
}


def match_deal(
    *, order: OrderTerms, deal: ReportedDeal, margin_mode: str, time_is_sure: bool = True
) -> Match:
    """Return what a trading deal that bears the order's number is to it."""
    verb = "exit" if order.verb == "partial_exit" else order.verb
    modes, role = _DIRECTIONS.get(
        (verb, deal.entry, deal.kind == order.side), (frozenset(), Role.CANNOT)
    )
    if margin_mode not in modes:
        return Match(Role.CANNOT, f"{deal.kind} {deal.entry or 'without entry'} of {order.verb}")
    if role is Role.FILLS and verb == "entry" and deal.reason in _NOT_BY_AN_ORDER:
        role = Role.KEEPS
    reason = _why_not(order, deal, role, time_is_sure)
    if reason:
        return Match(Role.CANNOT, reason)
    return Match(role, oddity=_oddity(order, deal, verb) if role is Role.FILLS else "")


def _why_not(order: OrderTerms, deal: ReportedDeal, role: Role, time_is_sure: bool) -> str:
    apart = CLOCKS_APART if time_is_sure else CLOCKS_APART_UNSURE
    if order.was_refused:
        return "the order was refused here and never handed out"
    if deal.symbol != order.broker_symbol:
        return f"symbol {deal.symbol or 'none'}, ordered was {order.broker_symbol}"
    if deal.at < order.staged_at - apart:
        return f"it happened at {deal.at:%Y-%m-%d %H:%M:%S} UTC, before the order"
    if not deal.position_ticket:
        return "it names no position"
    if order.position_ticket and deal.position_ticket != order.position_ticket:
        return f"position {deal.position_ticket}, ordered was {order.position_ticket}"
    return ""


def _oddity(order: OrderTerms, deal: ReportedDeal, verb: str) -> str:
    if verb == "exit" and deal.entry == "inout":
        return "it closed more than was open and turned the position round"
    if order.low is not None and deal.price < order.low:
        return f"price {deal.price} is below {order.low}"
    if order.high is not None and deal.price > order.high:
        return f"price {deal.price} is above {order.high}"
    return ""


def collar(
    *,
    side: str,
    order_type: str,
    ref_price: Decimal | None,
    limit_price: Decimal | None,
    points: int | None,
    point: Decimal | None,
) -> tuple[Decimal | None, Decimal | None]:
    """Return the (lowest, highest) price that an entry may fill at; None where nothing bounds it.

    A limit is never passed. A market order fills within `points` of its reference, where both are
    known; what is better than asked is no fault. The reference is the price that the executor may
    have asked for: the market's own, by the quotes that it told.
    """
    bound = limit_price
    if order_type == "market" and None not in (ref_price, points, point):
        assert ref_price is not None
        assert points is not None
        assert point is not None
        away = points * point
        bound = ref_price + away if side == "buy" else ref_price - away
    if bound is None:
        return None, None
    return (None, bound) if side == "buy" else (bound, None)
