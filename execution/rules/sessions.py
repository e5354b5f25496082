"""When a symbol is traded again, by the sessions of its contract sheet. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

_DAYS: Final = 7


def session_opening(
    sessions: Iterable[Mapping[str, int]], *, at: datetime, offset_seconds: int
) -> datetime | None:
    """Return when trading is open next at or after `at`, which is now where a session runs.

    A session is `day` (0 is Sunday), `from_seconds` and `to_seconds` of the broker's day. None
    where there is none.
    """
    ahead = timedelta(seconds=offset_seconds)
    local = at + ahead
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today = local.isoweekday() % _DAYS
    openings = []
    for one in sessions:
        for week in (0, 1):
            day = midnight + timedelta(days=(one["day"] - today) % _DAYS + week * _DAYS)
            start = day + timedelta(seconds=one["from_seconds"])
            end = day + timedelta(seconds=one["to_seconds"])
            if end > local:
                openings.append(max(start, local))
    return min(openings) - ahead if openings else None
