"""The plan of an entry as an executor reads it, and distances from a fill."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from execution.wire.fields import PriceAboveZero, one_of

PLAN_SECONDS_MAX = 2_678_400


class Distance(Struct, frozen=True):
    """How far from the fill a stop or target is; `percent` is of the price of the fill.

    A point is 10^-digits. A pip is ten points where the symbol has 3 or 5 digits, else one.
    """

    unit: Annotated[str, one_of("points", "pips", "percent")]
    value: PriceAboveZero


class PlanTarget(Struct, frozen=True):
    """Where `share` percent of the filled volume is closed: a price, or so far from the fill."""

    unit: Annotated[str, one_of("price", "points", "pips", "percent")]
    value: PriceAboveZero
    share: PriceAboveZero


class Trailing(Struct, frozen=True):
    """The stop follows the best price; no `trigger` is from the fill on, no `step` a tenth."""

    distance: Distance
    trigger: Distance | None = None
    step: Distance | None = None


class BreakEven(Struct, frozen=True):
    """After a gain of `trigger` the stop is the price of the fill, and `offset` beyond it."""

    trigger: Distance
    offset: Distance | None = None


class Plan(Struct, frozen=True):
    """What becomes of an entry once it is filled; no member of it ever loosens a stop.

    The targets come in the order in which they are reached. `time_exit_seconds` count from the
    first fill.
    """

    targets: Annotated[tuple[PlanTarget, ...], Meta(max_length=5)] = ()
    trailing: Trailing | None = None
    break_even: BreakEven | None = None
    time_exit_seconds: Annotated[int, Meta(ge=1, le=PLAN_SECONDS_MAX)] | None = None
