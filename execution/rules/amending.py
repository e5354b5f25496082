"""What an amend makes of an entry that rests, and whether it may: it never risks more. Pure."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from execution.rules.prices import (
    DISTANCES,
    PriceRefused,
    PriceScale,
    check_sides,
    snap_price,
    target_price,
    widens_stop,
)
from signals.intents.legs import Leg, Target


@dataclass(frozen=True, slots=True)
class Stand:
    """A stop or target: its price, and what it is told as where that counts from the fill."""

    price: Decimal | None = None
    distance: Decimal | None = None
    unit: str = ""

    @property
    def is_there(self) -> bool:
        return self.price is not None or self.distance is not None


@dataclass(frozen=True, slots=True)
class Levels:
    """All prices of one entry. One at the market has none to fill at."""

    limit_price: Decimal | None
    stop_price: Decimal | None
    sl: Stand
    tp: Stand

    @property
    def base(self) -> Decimal | None:
        """Where it is expected to fill."""
        return self.stop_price if self.limit_price is None else self.limit_price

    def columns(self) -> dict[str, Any]:
        """Return them as an order's columns."""
        told: dict[str, Any] = {"limit_price": self.limit_price, "stop_price": self.stop_price}
        for name, stand in (("sl", self.sl), ("tp", self.tp)):
            told |= {
                name: stand.price,
                f"{name}_distance": stand.distance,
                f"{name}_unit": stand.unit,
            }
        return told

    def is_at(self, other: "Levels", *, tick: Decimal) -> bool:
        """Whether each price stands where the other's does, to a tick."""
        pairs = (
            (self.limit_price, other.limit_price),
            (self.stop_price, other.stop_price),
            (self.sl.price, other.sl.price),
            (self.tp.price, other.tp.price),
        )
        return all(_is_near(one, two, tick) for one, two in pairs)

    def moves_from(self, other: "Levels") -> bool:
        """Whether it would fill at another price."""
        return (self.limit_price, self.stop_price) != (other.limit_price, other.stop_price)


def levels_amended(now: Levels, leg: Leg, *, side: str, scale: PriceScale) -> Levels:
    """Return what the leg makes of them; what it does not mention stays. Raises PriceRefused.

    A distance counts from the price that the entry then has; at the market it has none yet.
    """
    moved = replace(
        now,
        limit_price=_moved(now.limit_price, leg.limit_price, scale),
        stop_price=_moved(now.stop_price, leg.stop_price, scale),
    )

    def stand(stand_now: Stand, target: Target | None, *, is_stop: bool) -> Stand:
        wanted = _told(stand_now) if target is None else target
        if wanted is None:
            return Stand()
        is_distance = wanted.kind in DISTANCES
        if is_distance and moved.base is None:
            return Stand(None, wanted.value, wanted.kind)
        price = target_price(
            kind=wanted.kind,
            value=wanted.value,
            base=moved.base,
            side=side,
            is_stop=is_stop,
            scale=scale,
        )
        return Stand(price, wanted.value, wanted.kind) if is_distance else Stand(price)

    return replace(
        moved,
        sl=stand(now.sl, leg.sl, is_stop=True),
        tp=stand(now.tp, leg.tp, is_stop=False),
    )


def check_amended(now: Levels, new: Levels, *, side: str, tick: Decimal) -> None:
    """Raise PriceRefused where it would risk more, or stop, price and target do not fit.

    The money at risk goes by the distance from the price to the stop, to a tick; at the market, by
    the stop itself.
    """
    if _risks_more(now, new, side, tick):
        raise PriceRefused("amend_widens_stop")
    check_sides(side=side, base=new.base, sl=new.sl.price, tp=new.tp.price)


def _risks_more(now: Levels, new: Levels, side: str, tick: Decimal) -> bool:
    if not now.sl.is_there:
        return False
    if not new.sl.is_there:
        return True
    if now.sl.price is None or new.sl.price is None:
        # The position that comes of it tells, and is asked then.
        return False
    if now.base is None or new.base is None:
        return widens_stop(side=side, current=now.sl.price, wanted=new.sl.price)
    return abs(new.base - new.sl.price) > abs(now.base - now.sl.price) + tick


def _moved(now: Decimal | None, wanted: Decimal | None, scale: PriceScale) -> Decimal | None:
    if wanted is None:
        return now
    if now is None:
        raise PriceRefused("order_lacks_that_price")
    return snap_price(wanted, scale)


def _told(stand: Stand) -> Target | None:
    """What a stop or target was told as."""
    if stand.unit:
        return Target(stand.unit, stand.distance)
    return None if stand.price is None else Target("price", stand.price)


def _is_near(one: Decimal | None, two: Decimal | None, tick: Decimal) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= tick
