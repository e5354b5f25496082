"""Everything the overview shows of one book, as of one moment; computed once for many viewers."""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.core.cache import cache

from execution.models import BrokerAccount
from execution.selectors.switches import accounts_stopped
from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.community.presenting.line import Line
from fusion_project.community.selectors.closed import closed_latest
from fusion_project.community.selectors.feed import FeedItem, feed_list
from fusion_project.community.selectors.figures import Tile, tiles
from fusion_project.community.selectors.lines import realised_cash_lines
from fusion_project.community.selectors.stations import Station, stations
from fusion_project.community.selectors.trades import Earlier, Trade, earlier_list, trade_list
from fusion_project.community.selectors.units import Unit, unit_list
from fusion_project.events.life import SILENCE_SECONDS_MAX
from fusion_project.postgres.deadline import database_deadline
from fusion_project.text.formats import second_text, seconds_between, span
from treasury.selectors.cash import cash_book

_CACHE_SECONDS = 2
_TIMES_AS_LONG = 10
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DeskState:
    """One word for the whole, with its reason."""

    code: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All figures of one book as of one moment. Paper and live never share one of these."""

    book: str
    as_of: datetime
    state: DeskState
    tiles: list[Tile]
    stations: list[Station]
    lines: list[Line]
    line_reason: str
    trades: list[Trade]
    earlier: list[Earlier]
    feed: list[FeedItem]
    units: list[Unit]
    version: str = ""


def overview_get(*, book: str, as_of: AsOf) -> Overview:
    """From the cache while it is young, so that many viewers cost one reading.

    A reading is kept for two seconds, or for ten times as long as it took: a desk with very many
    trades is read more rarely, and never spends more than a tenth of its time on this page.
    """
    key = f"community.overview.{book}"
    found: Overview | None = cache.get(key)
    if found is None:
        started = time.monotonic()
        with database_deadline(policy.READING_SECONDS_MAX):
            found = _overview_read(book=book, as_of=as_of)
        took = time.monotonic() - started
        cache.set(key, found, max(_CACHE_SECONDS, took * _TIMES_AS_LONG))
    return found


def books_in_use(*, as_of: AsOf) -> list[str]:
    """Books that have an account, the live one first; paper where there is none yet."""
    accounts = BrokerAccount.objects.filter(created_at__lte=as_of.at)
    known = set(accounts.values_list("book", flat=True))
    return [book for book in reversed(policy.BOOKS) if book in known] or [policy.BOOKS[0]]


def _overview_read(*, book: str, as_of: AsOf) -> Overview:
    cash = cash_book(book=book, recorded_until=as_of.at, points_most=policy.LINE_POINTS_MAX)
    latest = closed_latest(book=book, cash=cash, as_of=as_of, most=policy.TRADES_TIMED)
    lines = realised_cash_lines(cash.lines)
    trades = trade_list(latest)
    overview = Overview(
        book=book,
        as_of=as_of.at,
        state=_desk_state(book=book, as_of=as_of),
        tiles=tiles(lines=cash.lines, latest=latest),
        stations=stations(book=book, cash=cash, as_of=as_of),
        lines=lines,
        line_reason="" if lines else _why_no_line(),
        trades=trades,
        earlier=earlier_list(lines=cash.lines, shown=trades),
        feed=feed_list(book=book, as_of=as_of),
        units=unit_list(book=book, cash=cash, as_of=as_of),
    )
    return replace(overview, version=_version(overview))


def _version(overview: Overview) -> str:
    """Changes with whatever is shown, except with the passing of time alone."""
    shown = replace(overview, as_of=_NO_TIME, version="")
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _why_no_line() -> str:
    return (
        "fewer than two steps yet: the first is the deposit, the next follows the first closed "
        "trade."
    )


def _desk_state(*, book: str, as_of: AsOf) -> DeskState:
    accounts = list(BrokerAccount.objects.filter(book=book, created_at__lte=as_of.at))
    seen = [one.last_seen_at for one in accounts if one.last_seen_at is not None]
    if not seen:
        return DeskState("waiting", "Waiting", "no executor has reported yet")
    ids = [one.pk for one in accounts]
    if accounts_stopped(account_ids=ids, recorded_until=as_of.at) == len(ids):
        return DeskState("stopped", "Stopped", "no new trades; open ones may still close")
    silence = seconds_between(max(seen), as_of.at)
    if silence > SILENCE_SECONDS_MAX:
        since = f"no word from any executor since {second_text(max(seen))} UTC"
        return DeskState("stopped", "Stale", f"{since}; what it did later is not in the figures")
    return DeskState("running", "Running", f"an executor was heard within {_limit()}")


def _limit() -> str:
    return span(SILENCE_SECONDS_MAX)
