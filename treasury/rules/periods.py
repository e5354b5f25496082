"""Months and days of a book, and the entry of what open positions stood at when one ended. Pure.

That entry lies in the last microsecond of the period and is taken back where the next one begins,
so that a statement shows it and nothing that is read later does.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from treasury.rules.accounts import broker_part
from treasury.rules.allocation import rounded_down
from treasury.rules.distributing import trace_of
from treasury.rules.drafts import EntryDraft, LineDraft, reversal_of

UNREALISED: Final = "unrealised"
# So far from the end of a period may a heartbeat tell what its open positions stood at.
TOLD_HOURS_MAX: Final = 24
_MONTH = re.compile(r"\d{4}-\d{2}")
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period: from its first moment to the first one after it, in UTC."""

    period: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Floating:
    """What the open positions of an account had gained (below zero: lost), and when it was told."""

    account_id: int
    server: str
    login: str
    currency: str
    amount: Decimal
    told_at: datetime


def span_of(period: str) -> Span | None:
    """The span of `2026-11` or `2026-11-30`; None for anything else."""
    is_month = _MONTH.fullmatch(period) is not None
    day = f"{period}-01" if is_month else period
    try:
        begins = date.fromisoformat(day)
        after = begins + timedelta(days=32 if is_month else 1)
    except (ValueError, OverflowError):
        return None
    if begins.isoformat() != day:
        return None
    return Span(period, _midnight(begins), _midnight(after.replace(day=1) if is_month else after))


def unrealised_drafts(
    *, book: str, span: Span, source: str, floating: Floating, scale: int
) -> list[EntryDraft]:
    """The entry at the end of the span and its mirror at the start of the next; none for zero."""
    amount = rounded_down(floating.amount, scale)
    if amount == 0:
        return []
    part = broker_part(floating.server, floating.login)
    key = f"{UNREALISED}:{book}:{span.period}:{floating.account_id}"
    draft = EntryDraft(
        idem_key=key,
        kind=UNREALISED,
        book=book,
        event_at=span.ends_at - _LEAST,
        source=source,
        trace_id=trace_of(key),
        lines=(
            LineDraft(f"Assets:Broker:{part}:Unrealised", floating.currency, amount),
            LineDraft(f"Income:Unrealised:{part}", floating.currency, -amount),
        ),
        note=f"as told at {floating.told_at:%Y-%m-%d %H:%M:%S} UTC",
    )
    mirror = reversal_of(
        draft, event_at=span.ends_at, source=source, note="where the next period begins"
    )
    return [draft, mirror]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
