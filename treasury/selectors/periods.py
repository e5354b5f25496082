"""Closed periods: their figures, what was booked for them later, and what hinders a close."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from execution.models import BrokerAccount, Heartbeat, Position
from fusion_project.events.clock import now
from treasury.models import (
    AccountCheck,
    Entry,
    PeriodAdjustment,
    PeriodClose,
    PeriodFigure,
)
from treasury.rules import checking
from treasury.rules.periods import TOLD_HOURS_MAX, Floating, Span
from treasury.selectors.green import book_not_green


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An entry that was booked for a period after it was closed.

    `booked_in`: the period whose statement holds it; empty while that is open.
    """

    entry: Entry
    belongs_to: str
    booked_in: str


def period_list(*, book: str) -> QuerySet[PeriodClose]:
    """Closed periods of a book, the newest first."""
    return PeriodClose.objects.filter(book=book).select_related("previous").order_by("-ends_at")


def figure_list(*, close: PeriodClose) -> QuerySet[PeriodFigure]:
    """The statement, in the order of account codes."""
    return close.figures.select_related("account").order_by("account__code")


def adjustments_in(*, close: PeriodClose) -> list[Adjustment]:
    """What the period has booked for earlier ones."""
    rows = close.adjustments.select_related("entry", "belongs_to").order_by("entry_id")
    return [Adjustment(one.entry, one.belongs_to.period, close.period) for one in rows]


def adjustments_of(*, close: PeriodClose) -> list[Adjustment]:
    """What was booked for the period after it was closed, by later closes and since the last."""
    rows = PeriodAdjustment.objects.filter(belongs_to=close).select_related("entry", "close")
    kept = [
        Adjustment(one.entry, close.period, one.close.period) for one in rows.order_by("entry_id")
    ]
    fresh = adjustments_open(book=close.book)
    return kept + [one for one in fresh if one.belongs_to == close.period]


def adjustments_open(*, book: str) -> list[Adjustment]:
    """What the open period has booked for closed ones so far."""
    closes = list(PeriodClose.objects.filter(book=book).order_by("ends_at"))
    if not closes:
        return []
    last = closes[-1]
    late = Entry.objects.filter(book=book, id__gt=last.cutoff_id, event_at__lt=last.ends_at)
    return list(_among(late.order_by("id"), closes))


def adjustments_among(*, book: str, entries: Iterable[Entry]) -> list[Adjustment]:
    """Those of these entries of the book that were booked for a period after it was closed."""
    return list(_among(entries, list(PeriodClose.objects.filter(book=book).order_by("ends_at"))))


def period_words(entry: Entry) -> str:
    """Of which period an entry is an adjustment, in words; '' where of none."""
    for one in adjustments_among(book=entry.book, entries=[entry]):
        return f"adjusts {one.belongs_to}, booked in {one.booked_in or 'the open period'}"
    return ""


def period_hindrances(*, book: str, span: Span) -> list[str]:
    """Every reason why the period cannot be closed now, in words."""
    last = PeriodClose.objects.filter(book=book).order_by("-ends_at").first()
    if span.ends_at > now():
        return [f"{span.period} is not over"]
    if last is not None and last.ends_at >= span.ends_at:
        return [f"{last.period} is closed already, and ends no earlier"]
    if not Entry.objects.filter(book=book).exists():
        return [f"nothing was booked in the {book} book yet"]
    accounts = BrokerAccount.objects.filter(book=book).order_by("id")
    untold = [one.name for one in accounts if _is_open(one, span) and not floating_of(one, span)]
    return [
        *book_not_green(book=book),
        *(f"{name} was not compared since {span.period} ended" for name in _stale(book, span)),
        *(f"nobody told what open positions of {name} stood at" for name in untold),
    ]


def floating_list(*, book: str, span: Span) -> Iterator[Floating]:
    """Of each account that had open positions when the span ended, what they stood at."""
    for account in BrokerAccount.objects.filter(book=book).order_by("id"):
        found = floating_of(account, span) if _is_open(account, span) else None
        if found is not None:
            yield found


def floating_of(account: BrokerAccount, span: Span) -> Floating | None:
    """As the heartbeat nearest to the end of the span told it; None where none is near."""
    near = timedelta(hours=TOLD_HOURS_MAX)
    rows = Heartbeat.objects.filter(account_id=account.pk)
    before = rows.filter(at__lte=span.ends_at, at__gte=span.ends_at - near).order_by("-at").first()
    after = rows.filter(at__gt=span.ends_at, at__lte=span.ends_at + near).order_by("at").first()
    told = min(
        (one for one in (before, after) if one is not None),
        key=lambda one: abs(one.at - span.ends_at),
        default=None,
    )
    if told is None:
        return None
    amount = told.floating
    if amount is None:
        amount = told.equity - told.balance - (told.credit or 0)
    return Floating(account.pk, account.server, account.login, account.currency, amount, told.at)


def _is_open(account: BrokerAccount, span: Span) -> bool:
    stood = Position.objects.filter(account=account, opened_at__lt=span.ends_at)
    return stood.filter(Q(closed_at=None) | Q(closed_at__gte=span.ends_at)).exists()


def _stale(book: str, span: Span) -> list[str]:
    checks = AccountCheck.objects.filter(account__book=book, kind=checking.CASH)
    stale = checks.filter(heartbeat_at__lt=span.ends_at).select_related("account")
    return [one.account.name for one in stale.order_by("account_id")]


def _among(entries: Iterable[Entry], closes: list[PeriodClose]) -> Iterator[Adjustment]:
    """`closes`: all of the entries' book, by their ends."""
    for entry in entries:
        after = [one for one in closes if one.ends_at > entry.event_at]
        if after and after[0].cutoff_id < entry.pk:
            booked = next((one.period for one in after if one.cutoff_id >= entry.pk), "")
            yield Adjustment(entry, after[0].period, booked)
