"""The one table from an order's time in force to what MT5 is asked for. Pure.

Words are MT5's, in lower case without their prefix (ORDER_TIME_, ORDER_FILLING_).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TifModes:
    """What may be asked for, best first; without an expiration such an order never rests."""

    expirations: tuple[str, ...]
    fillings: tuple[str, ...]


_ANY_FILLING: Final = ("fok", "ioc", "return")

# `specified_day` is no way to do gtd: it lives until the day's end, longer than was asked for.
TIF_MODES: Final[dict[str, TifModes]] = {
    "": TifModes(("gtc",), _ANY_FILLING),
    "gtc": TifModes(("gtc",), _ANY_FILLING),
    "day": TifModes(("day",), _ANY_FILLING),
    "gtd": TifModes(("specified",), _ANY_FILLING),
    "ioc": TifModes((), ("ioc",)),
    "fok": TifModes((), ("fok",)),
}


def tif_rests(tif: str) -> bool:
    """Whether an order with it may wait at the broker."""
    return bool(TIF_MODES[tif].expirations)


def filling_next(tif: str, refused: Collection[str] = ()) -> str:
    """Return the filling to ask for after 10030 for those refused, or '' where none is left.

    `ioc` and `fok` have no other: what the sender asked for is never turned into something else.
    """
    return next((one for one in TIF_MODES[tif].fillings if one not in refused), "")


def expiration_of(tif: str) -> str:
    """Return how a resting order ends. Raises ValueError for what never rests."""
    if not tif_rests(tif):
        raise ValueError(f"tif {tif} does not rest")
    return TIF_MODES[tif].expirations[0]
