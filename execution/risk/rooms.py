"""What each limit leaves for one more order: lots, value, loss at the stop. Pure."""

from decimal import Decimal

from execution.risk.facts import SymbolFacts
from execution.risk.figures import Desk
from execution.risk.limits import Bound, Scope, number_words
from execution.rules.sizing import RoomBound

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)


def open_lots_room(bounds: tuple[Bound, ...], desk: Desk) -> tuple[Decimal, str]:
    """Return the lots that the tightest limit of open lots leaves, and its words."""
    found = [
        (one.value - desk.standing_of(one.scope).lots, one)
        for one in bounds
        if one.limit == "open_lots_max"
    ]
    if not found:
        return _ZERO, "open_lots_max: not set"
    left, bound = min(found, key=lambda pair: pair[0])
    return left, _words(bound, desk.standing_of(bound.scope).lots)


def room_bounds(
    bounds: tuple[Bound, ...], desk: Desk, symbol: SymbolFacts | None, *, is_live: bool
) -> tuple[RoomBound, ...]:
    """Return what limits of value and of risk leave, and the broker's limit of the volume.

    What cannot be valued leaves a live account nothing: a leverage that is not known is not low.
    """
    found = [one for bound in bounds if (one := _room_bound(bound, desk, is_live)) is not None]
    found += _margin_room(desk)
    limit = symbol.terms.lots_limit if symbol else None
    if limit is None:
        return tuple(found)
    used = desk.standing_of(Scope.INSTRUMENT).lots
    words = f"lots_limit of the sheet: {number_words(used)} used, bound {number_words(limit)}"
    return (*found, RoomBound("broker_volume_limit", "lots", limit - used, words))


def _margin_room(desk: Desk) -> list[RoomBound]:
    """What the free margin pays for, at the rate of what is open; not known without a position."""
    money, held = desk.money, desk.standing_of(Scope.ACCOUNT).open_notional
    if money.margin_free is None:
        return []
    left = _ZERO
    if money.margin_free > 0:
        if not money.margin or not held:
            return []
        left = money.margin_free * held / money.margin
    words = f"free margin: {number_words(money.margin_free)}, value that it pays for"
    return [RoomBound("no_money", "notional", left, f"{words} {number_words(left)}")]


def _room_bound(bound: Bound, desk: Desk, is_live: bool) -> RoomBound | None:
    if bound.limit == "order_notional_max":
        return RoomBound("order_notional_limit", "notional", bound.value, _words(bound, _ZERO))
    if bound.limit not in ("leverage_max", "open_risk_pct_max"):
        return None
    standing, equity = desk.standing_of(bound.scope), desk.money.equity
    is_risk = bound.limit == "open_risk_pct_max"
    reason, per = ("open_risk_limit", "risk") if is_risk else ("leverage_limit", "notional")
    if equity is None or not (is_risk or standing.is_valued):
        return RoomBound(reason, per, _ZERO, _words(bound, None)) if is_live else None
    used = standing.risk_money if is_risk else standing.notional
    allowed = bound.value * equity / (_HUNDRED if is_risk else 1)
    share = used / equity * (_HUNDRED if is_risk else 1) if equity else None
    return RoomBound(reason, per, allowed - used, _words(bound, share))


def _words(bound: Bound, used: Decimal | None) -> str:
    value = "not known" if used is None else number_words(used)
    return f"{bound.limit}: {value} used, bound {number_words(bound.value)} ({bound.scope})"
