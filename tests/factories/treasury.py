"""Inputs for the treasury's pure rules and for `post`."""

import datetime as dt
from decimal import Decimal
from typing import Any, cast

import factory

from execution.wire import ReportedDeal
from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.rules.posting import DealRevision

TRACE = "0" * 31 + "1"
MOMENT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


class ReportedGainFactory(factory.Factory):
    """A closing deal that gained 12.50 and cost 0.70."""

    class Meta:
        model = ReportedDeal

    ticket = factory.Sequence(lambda n: 9_000 + n)
    time_msc = int(MOMENT.timestamp()) * 1_000
    kind_told = "sell"
    entry = "out"
    profit = Decimal("12.50")
    commission = Decimal("-0.70")


class DealRevisionFactory(factory.Factory):
    """Its first revision, on a demo account in the paper book."""

    class Meta:
        model = DealRevision

    deal = factory.SubFactory(ReportedGainFactory)
    deal_id = factory.Sequence(lambda n: n + 1)
    source = factory.LazyAttribute(lambda one: f"execution.deal:{one.deal_id}")
    revision = 1
    server = "Demo-Server"
    login = "5001"
    book = "paper"
    currency = "USD"
    scale = 8
    trace_id = TRACE


def deal_revision(revision: int = 1, *, kind: str = "sell", **deal: Any) -> DealRevision:
    """A revision whose deal says what is given; the rest is the factories'."""
    told = ReportedGainFactory(kind_told=kind, **deal)
    return cast(DealRevision, DealRevisionFactory(deal=told, revision=revision))


def draft_of(
    key: str,
    *lines: tuple[str, str, str],
    book: str = "paper",
    kind: str = "test",
    reverses_key: str | None = None,
    note: str = "",
    source: str = "test:1",
) -> EntryDraft:
    """`draft_of("k", ("Assets:A", "USD", "5"), …)`."""
    return EntryDraft(
        idem_key=key,
        kind=kind,
        book=book,
        event_at=MOMENT,
        source=source,
        trace_id=TRACE,
        lines=tuple(LineDraft(code, unit, Decimal(amount)) for code, unit, amount in lines),
        reverses_key=reverses_key,
        note=note,
    )


def transfer(key: str, amount: str = "5", *, book: str = "paper") -> EntryDraft:
    """Two lines between Assets:Alpha and Income:Beta."""
    return draft_of(
        key,
        ("Assets:Alpha", "USD", amount),
        ("Income:Beta", "USD", f"{-Decimal(amount):f}"),
        book=book,
    )
