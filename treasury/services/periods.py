"""Closing a period of a book: what open positions stood at, then a statement that stays."""

from dataclasses import dataclass

from django.db import connection, transaction

from execution.models import BrokerAccount
from fusion_project.events import names
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from treasury.errors import PeriodHindered, PeriodInvalid
from treasury.models import PeriodClose, PeriodFigure
from treasury.rules.drafts import EntryDraft
from treasury.rules.periods import Span, span_of, unrealised_drafts
from treasury.selectors.periods import (
    Adjustment,
    adjustments_in,
    figure_list,
    floating_list,
    period_hindrances,
)
from treasury.services.ledger import accounts_ensure, currency_ensure, post, refusals_named
from treasury.services.turns import turn_take


@dataclass(frozen=True, slots=True)
class PeriodStatement:
    """A close with its figures and what it has booked for earlier periods."""

    close: PeriodClose
    figures: list[PeriodFigure]
    adjustments: list[Adjustment]


@transaction.atomic
def period_close(*, book: str, period: str, actor: str) -> PeriodClose:
    """Close a month or a day of a book for good; one that is closed already is answered as it is.

    `period`: `2026-11` or `2026-11-30`, over in UTC. Raises PeriodInvalid, and PeriodHindered with
    all reasons: not over, a later one is closed, an account is not green, a deal is in quarantine
    or not posted, or nobody told what open positions stood at.
    """
    span = _span(period)
    # Whoever closes any book waits here: both would hold entries and want the whole table.
    turn_take("period")
    known = PeriodClose.objects.filter(book=book, period=period).first()
    if known is not None:
        return known
    reasons = period_hindrances(book=book, span=span)
    if reasons:
        raise PeriodHindered("; ".join(reasons))
    drafts = _unrealised(book, span)
    accounts_ensure(drafts=drafts)
    post(drafts=drafts, actor=actor)
    close = PeriodClose.objects.get(id=_close(book, period, actor))
    record(
        names.PERIOD_CLOSED,
        subject=subject_of(PeriodClose, close.pk),
        trace_id="",
        actor=actor,
        detail={
            "book": book,
            "period": period,
            "cutoff_id": close.cutoff_id,
            "sha256": close.sha256,
        },
    )
    return close


def period_preview(*, book: str, period: str) -> PeriodStatement:
    """The statement as it would be stored now, by closing and taking it back; raises as that."""
    with transaction.atomic():
        shown = statement_of(period_close(book=book, period=period, actor="system"))
        transaction.set_rollback(True)
    return shown


def statement_of(close: PeriodClose) -> PeriodStatement:
    """What was stored."""
    return PeriodStatement(close, list(figure_list(close=close)), adjustments_in(close=close))


def _span(period: str) -> Span:
    span = span_of(period)
    if span is None:
        raise PeriodInvalid(f"expected a month such as 2026-11 or a day, was {period!r}")
    return span


def _unrealised(book: str, span: Span) -> list[EntryDraft]:
    drafts = []
    for one in floating_list(book=book, span=span):
        drafts += unrealised_drafts(
            book=book,
            span=span,
            source=subject_of(BrokerAccount, one.account_id),
            floating=one,
            scale=currency_ensure(code=one.currency).scale,
        )
    return drafts


def _close(book: str, period: str, actor: str) -> int:
    with refusals_named(), connection.cursor() as cursor:
        cursor.execute("SELECT treasury_period_close(%s, %s, %s)", [book, period, actor])
        return int(cursor.fetchone()[0])
