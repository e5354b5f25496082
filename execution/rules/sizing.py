"""Lots from risk. Pure; always rounds down, and refuses below the minimum instead of bumping up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Final

# Every reason that `lots_for_entry` gives.
ENTRY_SIZE_REASONS: Final = (
    "stop_at_price",
    "equity_unknown",
    "risk_size_without_stop",
    "no_reference_price",
    "size_mode_unknown",
    "below_lot_min",
    "exposure_limit",
)


# Those that a size is cut down to.
SIZE_CUT_REASONS: Final = ("below_lot_min", "exposure_limit")
# What may lower a size, in words for people.
SIZE_CUTS: Final = {
    "size_factor": "the size factor of the decision",
    "risk": "the risk that the decision allows",
    "broker_lot_max": "the largest order that the broker takes",
    "order_lots_max": "the largest order that the account allows",
    "lot_step": "rounded down to the broker's lot step",
    "open_lots_left": "what the account's limit of open lots leaves",
}


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


@dataclass(frozen=True, slots=True)
class Room:
    """What the account still allows."""

    equity: Decimal | None
    order_lots_max: Decimal
    open_lots_left: Decimal


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


def floor_to_step(lots: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of `step` that is not above `lots`; never negative."""
    if lots <= 0:
        return Decimal(0)
    return (lots / step).quantize(Decimal(1), rounding=ROUND_FLOOR) * step


def loss_per_lot(price: Decimal, stop: Decimal, sheet: ContractSheet) -> Decimal:
    """Account money that one lot loses from `price` to `stop`."""
    return abs(price - stop) * sheet.money_per_price


def lots_for_entry(*, wanted: SizeWanted, sheet: ContractSheet, room: Room) -> Sized:
    """Size an entry: the least of what is asked, what risk allows and what the limits leave."""
    bounds: list[tuple[str, Decimal]] = []
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
        bounds.append(("risk", _risk_money(wanted, room.equity) / loss))
    asked = _lots_asked(wanted, sheet, room, loss)
    if isinstance(asked, str):
        return Sized(Decimal(0), reason=asked)
    if asked is not None:
        bounds = [("asked", asked), ("size_factor", asked * wanted.size_factor), *bounds]
    bounds += [("broker_lot_max", sheet.lot_max), ("order_lots_max", room.order_lots_max)]
    lots = floor_to_step(min(lots for _, lots in bounds), sheet.lot_step)
    bounds.append(("lot_step", lots))
    if lots < sheet.lot_min:
        return Sized(Decimal(0), reason="below_lot_min", cuts=_cuts(bounds))
    left = floor_to_step(room.open_lots_left, sheet.lot_step)
    bounds.append(("open_lots_left", left))
    if left < sheet.lot_min:
        return Sized(Decimal(0), reason="exposure_limit", cuts=_cuts(bounds))
    lots = min(lots, left)
    return Sized(lots, risk_money=None if loss is None else loss * lots, cuts=_cuts(bounds))


def _cuts(bounds: Sequence[tuple[str, Decimal]]) -> tuple[SizeCut, ...]:
    """The bounds that are below everything before them; the first is where the size starts."""
    cuts: list[SizeCut] = []
    left = bounds[0][1]
    for reason, lots in bounds[1:]:
        if lots < left:
            cuts.append(SizeCut(reason, left, lots))
            left = lots
    return tuple(cuts)


def lots_for_partial(
    *, start_lots: Decimal, open_lots: Decimal, close_pct: Decimal, step: Decimal, lot_min: Decimal
) -> Sized:
    """Size a partial exit: a share of the position at trade start, never more than is open."""
    lots = floor_to_step(start_lots * close_pct / 100, step)
    if lots >= open_lots:
        return Sized(open_lots)
    if lots < lot_min:
        return Sized(Decimal(0), reason="below_lot_min")
    return Sized(lots)


def _risk_money(wanted: SizeWanted, equity: Decimal) -> Decimal:
    return equity * wanted.risk_bps / 10_000 * wanted.size_factor


def _lots_asked(
    wanted: SizeWanted, sheet: ContractSheet, room: Room, loss: Decimal | None
) -> Decimal | str | None:
    """Lots that the alert asks for, None where risk alone decides, or a refusal reason."""
    mode, value = wanted.size_mode, wanted.size_value
    if not mode:
        return None if loss is not None else wanted.lots_default
    if mode == "lots":
        return value
    if mode == "qty":
        return value / sheet.contract_size
    if mode == "risk_pct":
        if loss is None or room.equity is None:
            return "risk_size_without_stop"
        return room.equity * value / 100 / loss
    if wanted.price is None:
        return "no_reference_price"
    money_per_lot = wanted.price * sheet.money_per_price
    if mode == "notional":
        return value / money_per_lot
    if mode == "equity_pct":
        if room.equity is None:
            return "equity_unknown"
        return room.equity * value / 100 / money_per_lot
    return "size_mode_unknown"
