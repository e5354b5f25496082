"""Everything the overview shows of one book, as of one moment; computed once for many viewers."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.core.cache import cache

from execution.models import BrokerAccount
from fusion_project.community import policy
from fusion_project.community.presenting.line import Line
from fusion_project.community.selectors.feed import FeedItem, feed_list
from fusion_project.community.selectors.figures import (
    Station,
    Tile,
    realised_cash_lines,
    stations,
    tiles,
)
from fusion_project.community.selectors.trades import Trade, trade_list
from fusion_project.community.selectors.units import Unit, unit_list
from fusion_project.events.clock import now
from fusion_project.events.life import SILENCE_SECONDS_MAX
from fusion_project.text.formats import seconds_between, span

_CACHE_SECONDS = 2
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DeskState:
    """One word for the whole, with its reason."""

    code: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Paper and live never share one of these."""

    book: str
    as_of: datetime
    state: DeskState
    tiles: list[Tile]
    stations: list[Station]
    lines: list[Line]
    line_reason: str
    trades: list[Trade]
    feed: list[FeedItem]
    units: list[Unit]
    version: str = ""


def overview_get(*, book: str) -> Overview:
    """From the cache while it is two seconds young, so that many viewers cost one reading."""
    key = f"community.overview.{book}"
    found: Overview | None = cache.get(key)
    if found is None:
        found = _overview_read(book)
        cache.set(key, found, _CACHE_SECONDS)
    return found


def books_in_use() -> list[str]:
    """Books that have an account, the live one first; paper where there is none yet."""
    known = set(BrokerAccount.objects.values_list("book", flat=True))
    return [book for book in reversed(policy.BOOKS) if book in known] or [policy.BOOKS[0]]


def _overview_read(book: str) -> Overview:
    at = now()
    until = at - timedelta(seconds=policy.PUBLIC_DELAY_SECONDS)
    lines = realised_cash_lines(book=book, until=until)
    overview = Overview(
        book=book,
        as_of=at,
        state=_desk_state(book, at),
        tiles=tiles(book=book, until=until),
        stations=stations(book=book, until=until),
        lines=lines,
        line_reason="" if lines else _why_no_line(),
        trades=trade_list(book=book, until=until),
        feed=feed_list(book=book, until=until),
        units=unit_list(book=book),
    )
    return replace(overview, version=_version(overview))


def _version(overview: Overview) -> str:
    """Changes with whatever is shown, except with the passing of time alone."""
    shown = replace(overview, as_of=_NO_TIME, version="")
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _why_no_line() -> str:
    return (
        "fewer than two points yet: the first is the deposit, the next follows the first closed "
        "trade."
    )


def _desk_state(book: str, at: datetime) -> DeskState:
    accounts = list(BrokerAccount.objects.filter(book=book).values("state", "last_seen_at"))
    seen = [one["last_seen_at"] for one in accounts if one["last_seen_at"] is not None]
    if not seen:
        return DeskState("waiting", "Waiting", "no executor has reported yet")
    if all(one["state"] == "halted" for one in accounts):
        return DeskState("stopped", "Stopped", "no new trades; open ones may still close")
    silence = seconds_between(max(seen), at)
    if silence > SILENCE_SECONDS_MAX:
        since = f"no word from the executor since {max(seen):%d %b %H:%M} UTC"
        return DeskState("stopped", "Stale", f"{since}; figures are those of that time")
    return DeskState("running", "Running", f"executor seen within {_limit()}")


def _limit() -> str:
    return span(SILENCE_SECONDS_MAX)
