"""When is the next alert due at the latest, by the sender's own past? Pure.

A strategy that is silent for much longer than ever before has probably lost its alert: TradingView
stops one without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log
from statistics import median
from typing import Final

HISTORY_DAYS: Final = 28
HISTORY_MIN: Final = 12
USUAL_TIMES: Final = 4
LONGEST_TIMES: Final = 1.25
# A sender that fires at any moment has gaps of all lengths: the second longest of n is about
# ln n - 0.42 mean gaps, and one in a hundred thousand is longer than 11.5.
_RARE_MEANS: Final = 11.5
_SECOND_OF_MANY: Final = 0.42
# A warning is looked at the same day: a shorter silence of a fast sender is not worth one.
LIMIT_MIN: Final = timedelta(minutes=15)
# A canary is late when two of them are missing, with the time that a sender's tries may take.
CANARY_TIMES: Final = 2
CANARY_GRACE: Final = timedelta(seconds=15)
# From Friday 22:30 to Sunday 20:30 UTC no market with weekends is open, in summer or winter.
_CLOSES: Final = timedelta(days=4, hours=22, minutes=30)
_OPENS: Final = timedelta(days=6, hours=20, minutes=30)
_WEEK: Final = timedelta(days=7)


def next_alert_due(
    times: Collection[datetime], heard_since: datetime | None = None
) -> datetime | None:
    """Return when silence becomes remarkable, or None with less than `HISTORY_MIN` alerts.

    The limit is four times the median gap, or the second longest gap (nights are in it, a single
    past outage is not) times what a short history leaves open: 1.25 after many alerts, up to 4
    after few. Gaps count open market time only, unless an alert of the history came on a weekend.
    `heard_since`: before that we were away ourselves, so the wait begins there.
    """
    moments = sorted({one.astimezone(UTC) for one in times})
    if len(moments) < HISTORY_MIN:
        return None
    has_weekends = not any(_is_weekend(one) for one in moments)
    gaps = sorted(_open_time(*pair, has_weekends) for pair in pairwise(moments))
    seconds = _seconds(gaps)
    limit = max(USUAL_TIMES * median(seconds), _longest_times(len(gaps)) * seconds[-2])
    wait = max(timedelta(seconds=round(limit, 3)), LIMIT_MIN)
    start = moments[-1] if heard_since is None else max(moments[-1], heard_since.astimezone(UTC))
    return _after_open_time(start, wait, has_weekends)


def _longest_times(count: int) -> float:
    return min(USUAL_TIMES, max(LONGEST_TIMES, _RARE_MEANS / (log(count) - _SECOND_OF_MANY)))


def canary_due(last_at: datetime, every_seconds: int) -> datetime:
    """Return when a declared canary has been missed twice."""
    return last_at + CANARY_TIMES * timedelta(seconds=every_seconds) + CANARY_GRACE


def _seconds(gaps: Sequence[timedelta]) -> list[float]:
    return [gap.total_seconds() for gap in gaps]


def _is_weekend(moment: datetime) -> bool:
    return _CLOSES <= moment - _monday(moment) < _OPENS


def _monday(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=moment.weekday())


def _weekends(since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the weekends that end after `since`, one after the other."""
    monday = _monday(since)
    while True:
        if monday + _OPENS > since:
            yield monday + _CLOSES, monday + _OPENS
        monday += _WEEK


def _open_time(start: datetime, end: datetime, has_weekends: bool) -> timedelta:
    span = end - start
    if has_weekends:
        for closes, opens in _weekends(start):
            if closes >= end:
                break
            span -= min(opens, end) - max(closes, start)
    return span


def _after_open_time(start: datetime, wait: timedelta, has_weekends: bool) -> datetime:
    """Return the moment when `wait` of open market time has passed since `start`."""
    if not has_weekends:
        return start + wait
    moment = start
    for closes, opens in _weekends(start):
        if moment + wait <= closes:
            break
        wait -= max(closes - moment, timedelta())
        moment = opens
    return moment + wait
