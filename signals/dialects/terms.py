"""Sizes, stops and targets as foreign dialects write them. Pure.

Where the unit is the receiver's setting, a size stays out (risk then decides alone), and a stop is
read only where one reading is plausible; else the sender must name the unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.defaults import size_unit, target_unit
from signals.dialects.values import decimal_places, number, plain_text, positive, share
from signals.intents.legs import Size, Target
from signals.intents.plan import Plan

UNDECLARED: Final = "undeclared"
DEFAULT: Final = "default"
DERIVED: Final = "derived"
IGNORED: Final = "ignored"

# A stop below five pips is more likely a percentage than meant as pips.
_PIPS_MIN: Final = Decimal(5)


class Stated(NamedTuple):
    """One field that states a size or a target: its name, its unit if known, its raw value."""

    name: str
    unit: str | None
    value: Any


@dataclass(slots=True)
class Terms:
    """On which terms to open or change: order, size, stop, target, and where each came from."""

    order_type: str = "market"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    size: Size | None = None
    sl: Target | None = None
    tp: Target | None = None
    tif: str = ""
    plan: Plan | None = None
    sources: dict[str, str] = field(default_factory=dict)


def set_size(terms: Terms, stated: Sequence[Stated], defaults: StrategyDefaults) -> None:
    """Take the one size that is stated; two different ones are refused."""
    one = _the_one(stated, "conflicting_sizes")
    if one is None:
        return
    value = positive(share(one.value, one.name), one.name)
    has_percent = isinstance(one.value, str) and one.value.strip().endswith("%")
    mode = one.unit
    if has_percent and mode != "risk_pct":
        mode = "equity_pct" if mode == "equity_pct" else None
    if mode is None:
        mode = size_unit(defaults)
    if mode is None:
        terms.sources["size"] = UNDECLARED
    else:
        terms.size = Size(mode, value)


def set_target(
    terms: Terms,
    which: str,
    stated: Sequence[Stated],
    defaults: StrategyDefaults,
    *,
    ref_price: Decimal | None = None,
) -> None:
    """Take the one stop (`sl`) or target (`tp`) that is stated, in any of the known units."""
    one = _the_one(stated, "conflicting_fields")
    if one is None:
        return
    kind, value = _written_unit(one)
    if kind is None:
        kind = target_unit(defaults) or _plausible_unit(value, one, ref_price)
    setattr(terms, which, Target(kind, positive(value, one.name)))


def set_pips_target(
    terms: Terms, which: str, stated: Sequence[Stated], defaults: StrategyDefaults
) -> None:
    """As `set_target`, for dialects whose plain `sl=` means pips unless the receiver is told."""
    one = _the_one(stated, "conflicting_fields")
    if one is None:
        return
    kind, value = one.unit, positive(one.value, one.name)
    if kind is None:
        kind = target_unit(defaults)
        if kind is None:
            if decimal_places(value) > 1 or value < _PIPS_MIN:
                raise _unclear(one.name)
            kind = "pips"
            terms.sources[which] = DEFAULT
    setattr(terms, which, Target(kind, value))


def distance_target(
    which: str, side: str, distance: Any, ref_price: Decimal | None, name: str
) -> Target:
    """Return the price that lies a money distance from the chart's price."""
    amount = positive(distance, name)
    if ref_price is None:
        raise Refused("relative_needs_price", f"{name} is a distance from an unknown price.")
    is_below = (which == "sl") == (side == "buy")
    return Target("price", positive(ref_price - amount if is_below else ref_price + amount, name))


def _the_one(stated: Sequence[Stated], code: str) -> Stated | None:
    present = [one for one in stated if one.value is not None]
    if not present:
        return None
    first = present[0]
    for other in present[1:]:
        same_unit = other.unit == first.unit
        if not same_unit or share(other.value, other.name) != share(first.value, first.name):
            raise Refused(code, f"{first.name} and {other.name} do not agree.")
    return first


def _written_unit(one: Stated) -> tuple[str | None, Decimal]:
    """Return unit and value: `1%` is percent, `+20` and `-20` are points."""
    if isinstance(one.value, str):
        text = plain_text(one.value, one.name)
        if text.endswith("%"):
            return "percent", abs(share(text, one.name))
        if text[:1] in ("+", "-") and one.unit is None:
            return "points", abs(number(text, one.name))
    return one.unit, number(one.value, one.name)


def _plausible_unit(value: Decimal, one: Stated, ref_price: Decimal | None) -> str:
    """A bare number is a price if it is near the chart's price, or has a price's digits."""
    if ref_price is not None:
        if ref_price / 2 <= value <= ref_price * 2:
            return "price"
        raise _unclear(one.name)
    written = one.value if not isinstance(one.value, str) else number(one.value, one.name)
    places = decimal_places(written)
    if places >= 3 or (places == 2 and value >= 20):
        return "price"
    raise _unclear(one.name)


def _unclear(name: str) -> Refused:
    return Refused("unit_unclear", f"{name} could be a price, pips or percent.")
