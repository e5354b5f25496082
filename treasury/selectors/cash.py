"""Realised cash by what moved it: a line of points, and what the closed trades in it come to.

Read from kept runs (`treasury/sql/cash.sql`), with every place that changed since the mark taken
anew as it stood; so nothing here grows with history, and the answer is that of all lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q

from treasury.models import CashMark, CashStep
from treasury.rules.runs import (
    LEVELS,
    STEP,
    CashLine,
    Run,
    joined,
    level_for,
    parts_of,
    points_of,
    points_of_steps,
    run_starts,
)
from treasury.selectors.cash_anew import Anew, anew_read

# The mark moves once in a minute; a reading takes milliseconds.
_READINGS_MAX = 5
_TOP = LEVELS - 1
_LACKS = Q(is_trade=True) & ~Q(net=F("change"))
_PARTS = """
    SELECT part.starts, place, steps, change, opening, first_at, last_at, low, low_at, high,
        high_at, trades, trades_posted, trades_change, net, wins, won, losses, lost
    FROM treasury_cashpart part{within}
    WHERE book = %(book)s AND currency_id = %(currency)s AND level = %(level)s"""
_EVERY = _PARTS.format(within="")
_SOME = f"{_EVERY} AND part.starts = ANY(%(starts)s)"
_WITHIN = _PARTS.format(
    within=""" JOIN unnest(%(starts)s::timestamptz[]) run (starts)
        ON part.starts >= run.starts AND part.starts < run.starts + treasury_cash_width(0)"""
)


@dataclass(frozen=True, slots=True)
class CashBook:
    """The lines of one book, by currency.

    `since_entry_id`: entries up to it are in what is kept. `positions_anew`: ids of positions that
    may have changed since; `positions_later`: those of them that changed after the moment.
    """

    lines: list[CashLine]
    since_entry_id: int
    positions_anew: list[int]
    positions_later: list[int]


def cash_book(*, book: str, recorded_until: datetime, points_most: int) -> CashBook:
    """The lines of a book as the ledger stood at that moment; reversals are in them.

    From entries alone: the profit of open positions is not in it, so it is no equity.
    """
    for _ in range(_READINGS_MAX):
        mark = _mark(recorded_until)
        found = _book_read(book, recorded_until, points_most, mark)
        # A mark that moved meanwhile has moved steps under this reading.
        if _mark(recorded_until) == mark:
            return found
    raise RuntimeError("steps of cash are kept faster than they can be read")


def _mark(recorded_until: datetime) -> tuple[int, int] | None:
    """Entry and event up to which steps are kept; None where that is later than asked for."""
    marks = CashMark.objects.filter(recorded_until__lte=recorded_until)
    return marks.values_list("entry_id", "event_id").first()


def _book_read(
    book: str, until: datetime, points_most: int, mark: tuple[int, int] | None
) -> CashBook:
    anew = anew_read(book=book, recorded_until=until, mark=mark)
    currencies = {step.currency for step in anew.steps}
    if mark is not None:
        currencies |= _currencies(book)
    lines = [
        _line(_Reading(book, currency, mark is not None, anew), points_most)
        for currency in sorted(currencies)
    ]
    return CashBook(
        lines=[one for one in lines if one is not None],
        since_entry_id=mark[0] if mark else 0,
        positions_anew=anew.positions,
        positions_later=anew.positions_later,
    )


def _currencies(book: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT currency_id FROM treasury_cashrun WHERE book = %s AND level = %s",
            [book, _TOP],
        )
        return {code for (code,) in cursor.fetchall()}


class _Reading:
    """Runs of one currency: kept ones, and those anew that hold a place which may have changed."""

    def __init__(self, book: str, currency: str, is_kept: bool, anew: Anew) -> None:
        self.currency = currency
        self._of = {"book": book, "currency": currency}
        self._is_kept = is_kept
        self._places = anew.places
        self._steps = [one.run for one in anew.steps if one.currency == currency]
        moments = {one.starts for one in self._steps} | self._moments_before(anew)
        # By level: where runs are folded anew, and those runs.
        self._anew: list[tuple[set[datetime], list[Run]]] = []
        self._fold(moments)

    def runs(self, level: int) -> list[Run]:
        """Every run of the level that holds something."""
        changed, runs = self._anew[level]
        kept = [one for one in self._kept(_EVERY, level) if one.starts not in changed]
        return [one for one in kept + runs if one.steps or one.trades]

    def steps(self) -> list[Run]:
        """Every step; ask where they are few."""
        return self._without_anew(self._kept(_EVERY, STEP)) + self._steps

    def lacking(self) -> list[Decimal]:
        """What the ledger lacks of each trade that it does not hold as it stands."""
        fresh = [one.net - one.change for one in self._steps if one.trades]
        rows = CashStep.objects.filter(_LACKS, **self._of) if self._is_kept else []
        kept = [one.net - one.change for one in rows if one.place not in self._places]
        return [one for one in fresh if one] + kept

    def _moments_before(self, anew: Anew) -> set[datetime]:
        if not self._is_kept:
            return set()
        former = CashStep.objects.filter(place__in=anew.places, **self._of)
        return {at for at in former.values_list("at", flat=True) if at is not None}

    def _fold(self, moments: set[datetime]) -> None:
        changed = {run_starts(at, 0) for at in moments}
        within = self._kept(_WITHIN, STEP, changed)
        parts = self._without_anew(within) + self._steps
        for level in range(LEVELS):
            if level > 0:
                below, changed = changed, {run_starts(one, level) for one in changed}
                beside = [one for each in changed for one in parts_of(each, level)]
                parts = parts + self._kept(_SOME, level - 1, set(beside) - below)
            rows: dict[datetime, list[Run]] = {}
            for one in parts:
                rows.setdefault(run_starts(one.starts, level), []).append(one)
            parts = [joined(row, starts=starts) for starts, row in rows.items()]
            self._anew.append((changed, parts))

    def _without_anew(self, steps: Sequence[Run]) -> list[Run]:
        return [one for one in steps if one.place not in self._places]

    def _kept(self, sql: str, level: int, starts: set[datetime] | None = None) -> list[Run]:
        if not self._is_kept or starts == set():
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._of, "level": level, "starts": list(starts or ())})
            return [Run(*row) for row in cursor.fetchall()]


def _line(reading: _Reading, points_most: int) -> CashLine | None:
    top = reading.runs(_TOP)
    if not top:
        return None
    whole = joined(top, starts=min(one.starts for one in top))
    if whole.steps <= points_most:
        points = points_of_steps(reading.steps())
    else:
        assert whole.first_at is not None
        assert whole.last_at is not None
        level = level_for(whole.first_at, whole.last_at, most=points_most // 2)
        points = points_of(reading.runs(level), level=level, most=points_most)
    lacking = reading.lacking()
    return CashLine(
        currency=reading.currency,
        whole=whole,
        points=points,
        lacking=len(lacking),
        lacking_net=sum(lacking, Decimal(0)),
    )
