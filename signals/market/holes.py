"""Which bars a feed owes: those it had at the same time a week before. Pure.

Markets close for nights, weekends and a daily pause, and a feed does not say so; a week earlier it
had no bars then either. In a feed's first week nothing is known, so short holes count alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

WEEK: Final = timedelta(days=7)
YOUNG_BARS_MAX: Final = 20
STALE_BARS: Final = 3


def hole_list(
    opens: Sequence[datetime], step: timedelta, week_before: Collection[datetime], *, is_young: bool
) -> list[tuple[datetime, int]]:
    """Return (first missing bar, how many are owed) of each hole between bars that rise in time.

    `week_before`: when bars opened in the same stretch a week earlier. A month has no fixed length:
    what is less than half a bar late is no hole.
    """
    holes = []
    for former, following in pairwise(opens):
        missing = round((following - former) / step) - 1
        if missing < 1:
            continue
        if is_young:
            owed = missing if missing <= YOUNG_BARS_MAX else 0
        else:
            owed = sum(former < one + WEEK < following for one in week_before)
        if owed:
            holes.append((former + step, owed))
    return holes


def is_stale(
    newest: datetime,
    now: datetime,
    step: timedelta,
    week_before: Collection[datetime],
    *,
    is_young: bool,
) -> bool:
    """Whether a feed owes three bars or more since its newest, which opened at `newest`."""
    closed = int((now - newest) / step) - 1
    if closed < STALE_BARS or now - newest > WEEK:
        return False
    owed = sum(newest < one + WEEK and one + WEEK + step <= now for one in week_before)
    return is_young or owed >= STALE_BARS
