"""Lots from risk. Pure; always rounds down, and refuses below the minimum instead of bumping up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from execution.wire.fields import number_text

# Every reason that `lots_for_entry` gives.
ENTRY_SIZE_REASONS: Final = (
    "stop_at_price",
    "equity_unknown",
    "risk_size_without_stop",
    "no_reference_price",
    "size_mode_unknown",
    "below_lot_min",
    "exposure_limit",
    "order_notional_limit",
    "leverage_limit",
    "open_risk_limit",
    "broker_volume_limit",
    "no_money",
)
# Those that a size is cut down to.
SIZE_CUT_REASONS: Final = (
    "below_lot_min",
    "exposure_limit",
    "order_notional_limit",
    "leverage_limit",
    "open_risk_limit",
    "broker_volume_limit",
    "no_money",
)
# What may lower a size, in words for people.
SIZE_CUTS: Final = {
    "size_factor": "the size factor of the decision",
    "risk": "the risk that the decision allows",
    "broker_lot_max": "the largest order that the broker takes",
    "order_lots_max": "the largest order that the account allows",
    "lot_step": "rounded down to the broker's lot step",
    "account_size": "the size that the account follows the strategy with",
    "shown": "what was shown when it was approved",
    "open_lots_left": "what the limit of open lots leaves",
    "order_notional_limit": "the largest value of one order",
    "leverage_limit": "what the limit of leverage leaves",
    "open_risk_limit": "what the limit of money at risk leaves",
    "no_money": "what the free margin pays for",
    "broker_volume_limit": "what the broker's limit of the symbol's volume leaves",
}
# How a size may be told, by alerts and by the accounts that follow a strategy.
SIZE_MODES: Final = ("lots", "qty", "notional", "equity_pct", "risk_pct", "risk_money")


@dataclass(frozen=True, slots=True)
class ContractSheet:
    """What the broker says of a symbol; `tick_value` is account money per lot and tick."""

    tick_size: Decimal
    tick_value: Decimal
    contract_size: Decimal
    lot_min: Decimal
    lot_step: Decimal
    lot_max: Decimal

    @property
    def money_per_price(self) -> Decimal:
        """Account money that one lot gains when the price rises by 1."""
        return self.tick_value / self.tick_size


@dataclass(frozen=True, slots=True)
class SizeWanted:
    """What fusion allows and what the alert asks for.

    `size_value` is in the unit of `size_mode`; without a mode `lots_default` is asked for. A stop
    is a price, or `stop_distance` in the symbol's price where no price is known.
    """

    risk_bps: int
    size_factor: Decimal
    price: Decimal | None
    stop: Decimal | None
    stop_distance: Decimal | None = None
    size_mode: str = ""
    size_value: Decimal = Decimal(0)
    lots_default: Decimal = Decimal(0)
    # The account's own size, in the same units; smallest wins.
    account_mode: str = ""
    account_value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RoomBound:
    """What one limit leaves for the order: lots, or account money by `per`.

    `per` is `lots`, `notional` (value at the price) or `risk` (loss at the stop). `reason` is a
    refusal and a key of `SIZE_CUTS`; `words` name limit, what is used, and bound.
    """

    reason: str
    per: str
    left: Decimal
    words: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """What the account still allows; `shown_lots` is what a person approved for it."""

    equity: Decimal | None
    order_lots_max: Decimal
    open_lots_left: Decimal
    bounds: tuple[RoomBound, ...] = ()
    shown_lots: Decimal | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class SizeCut:
    """One bound that lowered the size; `reason` is a key of `SIZE_CUTS`."""

    reason: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Sized:
    """Lots to order, or 0 with the reason why not; `risk_money` is known only with a stop.

    `cuts` tells what lowered the size, in the order in which the bounds are asked.
    """

    lots: Decimal
    risk_money: Decimal | None = None
    reason: str = ""
    cuts: tuple[SizeCut, ...] = field(default=(), compare=False)
    words: str = field(default="", compare=False)


def floor_to_step(lots: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of `step` that is not above `lots`; never negative."""
    if lots <= 0:
        return Decimal(0)
    return (lots / step).quantize(Decimal(1), rounding=ROUND_FLOOR) * step


def loss_per_lot(price: Decimal, stop: Decimal, sheet: ContractSheet) -> Decimal:
    """Account money that one lot loses from `price` to `stop`."""
    return abs(price - stop) * sheet.money_per_price


def lots_for_entry(*, wanted: SizeWanted, sheet: ContractSheet, room: Room) -> Sized:
    """Size an entry: the least of what is asked, what risk allows and what the limits leave.

    Never rounded up: what falls below the broker's least is refused, with the bound that cut it.
    """
    loss, distance = None, wanted.stop_distance
    if wanted.stop is not None:
        if wanted.price is None:
            return Sized(Decimal(0), reason="no_reference_price")
        distance = abs(wanted.price - wanted.stop)
    if distance is not None:
        loss = distance * sheet.money_per_price
        if loss <= 0:
            return Sized(Decimal(0), reason="stop_at_price")
        if room.equity is None or room.equity <= 0:
            return Sized(Decimal(0), reason="equity_unknown")
    asked = _asked_bounds(wanted, sheet, room, loss)
    if isinstance(asked, str):
        return Sized(Decimal(0), reason=asked)
    bounds = [*asked, ("broker_lot_max", sheet.lot_max), ("order_lots_max", room.order_lots_max)]
    if room.shown_lots is not None:
        bounds.append(("shown", room.shown_lots))
    lots = floor_to_step(min(lots for _, lots in bounds), sheet.lot_step)
    bounds.append(("lot_step", lots))
    if lots < sheet.lot_min:
        least = min(bounds[:-1], key=lambda one: one[1])
        words = f"{least[0]}: {_plain(least[1])} lots, bound {_plain(sheet.lot_min)}"
        return Sized(Decimal(0), reason="below_lot_min", cuts=_cuts(bounds), words=words)
    return _within_room(lots, bounds, wanted, sheet, room, loss)


def _within_room(
    lots: Decimal,
    bounds: list[tuple[str, Decimal]],
    wanted: SizeWanted,
    sheet: ContractSheet,
    room: Room,
    loss: Decimal | None,
) -> Sized:
    """Cut the lots down to what each limit leaves, and refuse where one leaves less than a lot."""
    open_lots = RoomBound("exposure_limit", "lots", room.open_lots_left, room.words)
    for one in (open_lots, *room.bounds):
        unit = _money_per_lot(one.per, wanted, sheet, loss)
        if unit is None:
            continue
        left = floor_to_step(one.left / unit, sheet.lot_step)
        bounds.append(("open_lots_left" if one is open_lots else one.reason, left))
        if left < sheet.lot_min:
            words = one.words or f"{_plain(one.left)} left"
            return Sized(Decimal(0), reason=one.reason, cuts=_cuts(bounds), words=words)
        lots = min(lots, left)
    return Sized(lots, risk_money=None if loss is None else loss * lots, cuts=_cuts(bounds))


def _money_per_lot(
    per: str, wanted: SizeWanted, sheet: ContractSheet, loss: Decimal | None
) -> Decimal | None:
    """What one lot uses of a bound; None where this entry uses nothing that can be counted."""
    if per == "lots":
        return Decimal(1)
    if per == "risk":
        return loss
    return None if not wanted.price else abs(wanted.price) * sheet.money_per_price


def _asked_bounds(
    wanted: SizeWanted, sheet: ContractSheet, room: Room, loss: Decimal | None
) -> list[tuple[str, Decimal]] | str:
    """What is asked, by the decision's risk, the alert and the account; or a refusal reason."""
    bounds: list[tuple[str, Decimal]] = []
    if loss is not None and room.equity is not None:
        bounds.append(("risk", _risk_money(wanted, room.equity) / loss))
    asked = _lots_told(wanted.size_mode, wanted.size_value, wanted, sheet, room, loss)
    own = _lots_told(wanted.account_mode, wanted.account_value, wanted, sheet, room, loss)
    if isinstance(asked, str):
        return asked
    if isinstance(own, str):
        return own
    if asked is None and own is None and loss is None:
        asked = wanted.lots_default
    if asked is not None:
        bounds = [("asked", asked), ("size_factor", asked * wanted.size_factor), *bounds]
    if own is not None:
        bounds.append(("account_size", own * wanted.size_factor))
    return bounds


def _plain(number: Decimal) -> str:
    return number_text(number.quantize(Decimal("0.0001")))


def _cuts(bounds: Sequence[tuple[str, Decimal]]) -> tuple[SizeCut, ...]:
    """The bounds that are below everything before them; the first is where the size starts."""
    cuts: list[SizeCut] = []
    left = bounds[0][1]
    for reason, lots in bounds[1:]:
        if lots < left:
            cuts.append(SizeCut(reason, left, lots))
            left = lots
    return tuple(cuts)


@dataclass(frozen=True, slots=True)
class OpenPart:
    """What is open of one trade: its lots at the start, and what is left of them."""

    start_lots: Decimal
    open_lots: Decimal


def lots_of_parts(
    parts: Sequence[OpenPart],
    *,
    close_pct: Decimal | None,
    close_lots: Decimal | None,
    step: Decimal,
    lot_min: Decimal,
) -> list[Decimal]:
    """Return what to close of each part, oldest first: a share of the whole, or so many lots of it.

    A share is taken of what each trade had at its start, never more than is open, and what rounding
    leaves of the whole is taken from the oldest; so are lots. What the broker takes no order for
    is left: see `parts_shortfall`.
    """
    share = close_pct or Decimal(0)
    taken = [min(floor_to_step(one.start_lots * share / 100, step), one.open_lots) for one in parts]
    left = min(_wanted(parts, close_pct, close_lots), _whole(parts)) - sum(taken)
    for number, one in enumerate(parts):
        more = min(left, one.open_lots - taken[number])
        if more < one.open_lots - taken[number]:
            more = floor_to_step(more, step)
        taken[number] += max(more, Decimal(0))
        left -= max(more, Decimal(0))
    return [
        lots if lots >= min(lot_min, one.open_lots) else Decimal(0)
        for lots, one in zip(taken, parts, strict=True)
    ]


def parts_shortfall(
    parts: Sequence[OpenPart],
    taken: Sequence[Decimal],
    *,
    close_pct: Decimal | None,
    close_lots: Decimal | None,
    step: Decimal,
) -> Decimal:
    """Return by how many lots less is closed than was said, 0 for less than a step of them.

    Nothing closed at all is never too little to tell. What is not open cannot be closed.
    """
    said = min(_wanted(parts, close_pct, close_lots), _whole(parts))
    short = said - sum(taken)
    return short if short >= step or (said > 0 and not any(taken)) else Decimal(0)


def _wanted(
    parts: Sequence[OpenPart], close_pct: Decimal | None, close_lots: Decimal | None
) -> Decimal:
    if close_lots is not None:
        return close_lots
    return sum((one.start_lots for one in parts), Decimal(0)) * (close_pct or Decimal(0)) / 100


def _whole(parts: Sequence[OpenPart]) -> Decimal:
    return sum((one.open_lots for one in parts), Decimal(0))


def _risk_money(wanted: SizeWanted, equity: Decimal) -> Decimal:
    return equity * wanted.risk_bps / 10_000 * wanted.size_factor


def _lots_told(
    mode: str,
    value: Decimal,
    wanted: SizeWanted,
    sheet: ContractSheet,
    room: Room,
    loss: Decimal | None,
) -> Decimal | str | None:
    """Lots of a size in its own unit, None where none is told, or a refusal reason."""
    if not mode:
        return None
    if mode == "lots":
        return value
    if mode == "qty":
        return value / sheet.contract_size
    if mode in ("risk_pct", "risk_money"):
        if loss is None or room.equity is None:
            return "risk_size_without_stop"
        return (value if mode == "risk_money" else room.equity * value / 100) / loss
    if wanted.price is None:
        return "no_reference_price"
    money_per_lot = abs(wanted.price) * sheet.money_per_price
    if mode == "notional":
        return value / money_per_lot
    if mode == "equity_pct":
        if room.equity is None:
            return "equity_unknown"
        return room.equity * value / 100 / money_per_lot
    return "size_mode_unknown"
