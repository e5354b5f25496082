"""Position continuity: does each alert start where the one before it ended? Pure.

The chain of one strategy and symbol is given in the order of arrival. Alerts that change a position
without telling it stand in it too: after them nothing is known, so nothing is held against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

# A sender tries four times, five seconds apart: within this time alerts may overtake each other.
OVERTAKE: Final = timedelta(seconds=20)
# How much of a chain is looked at; it is cut off before that.
CHAIN_MAX: Final = 40
# A chart prints sizes rounded; a lost order differs by more than a thousandth.
_SIZE_NOISE: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One accepted alert in the chain, with the states it leaves possible; none: not told."""

    alert_id: int
    received_at: datetime
    before: frozenset[str] = frozenset()
    before_size: Decimal | None = None
    after: frozenset[str] = frozenset()
    after_size: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Between these two alerts at least one was lost, or was refused."""

    earlier: Link
    later: Link


@dataclass(frozen=True, slots=True)
class Continuity:
    """What a chain shows. `gaps`: every break, oldest first.

    `holds`: whether the newest pair that can be compared fits; None where none can be compared.
    """

    gaps: tuple[Gap, ...]
    holds: bool | None
    newest: Link | None


def fits(earlier: Link, later: Link) -> bool | None:
    """Return whether `later` starts where `earlier` ended, or None where it cannot be told."""
    if not earlier.after or not later.before:
        return None
    if not earlier.after & later.before:
        return False
    ended, starts = earlier.after_size, later.before_size
    if ended is None or starts is None:
        return True
    return abs(ended - starts) <= _SIZE_NOISE * max(abs(ended), abs(starts))


def arranged(links: Sequence[Link]) -> list[Link]:
    """Return the chain with alerts that overtook each other put back in their places.

    Only alerts that arrived within `OVERTAKE` of the oldest still waiting change places, and only
    where that leaves fewer breaks.
    """
    waiting = sorted(links, key=lambda link: (link.received_at, link.alert_id))
    chain: list[Link] = []
    while waiting:
        chosen = _next(chain[-1], waiting) if chain else waiting[0]
        waiting.remove(chosen)
        chain.append(chosen)
    return chain


def _next(last: Link, waiting: Sequence[Link]) -> Link:
    if fits(last, waiting[0]) is not False:
        return waiting[0]
    crowd = [one for one in waiting if one.received_at - waiting[0].received_at <= OVERTAKE]
    for one in crowd[1:]:
        moved = [last, one, *(other for other in crowd if other is not one)]
        if fits(last, one) and _breaks(moved) < _breaks([last, *crowd]):
            return one
    return waiting[0]


def _breaks(chain: Sequence[Link]) -> int:
    return sum(fits(*pair) is False for pair in pairwise(chain))


def continuity(links: Sequence[Link]) -> Continuity:
    """Return where the chain breaks, and whether its newest comparable pair fits.

    At the start of a chain that was cut off, the alerts that overtook each other cannot be told.
    """
    chain = arranged(links)
    gaps = []
    holds, newest = None, None
    for earlier, later in pairwise(chain):
        fit = fits(earlier, later)
        is_sure = len(chain) < CHAIN_MAX or later.received_at - chain[0].received_at > OVERTAKE
        if fit is False and is_sure:
            gaps.append(Gap(earlier, later))
        if fit is not None:
            holds, newest = fit, later
    return Continuity(tuple(gaps), holds, newest)
