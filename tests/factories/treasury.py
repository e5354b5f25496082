"""Inputs for the treasury's pure rules and for `post`."""

import datetime as dt
from decimal import Decimal
from typing import Any, cast

import factory

from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.rules.posting import DealFacts

TRACE = "0" * 31 + "1"
MOMENT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


class DealFactsFactory(factory.Factory):
    """A closing deal that gained 12.50 and cost 0.70."""

    class Meta:
        model = DealFacts

    deal_id = factory.Sequence(lambda n: n + 1)
    source = factory.LazyAttribute(lambda facts: f"execution.deal:{facts.deal_id}")
    server = "Demo-Server"
    login = "5001"
    book = "paper"
    currency = "USD"
    scale = 8
    ticket = factory.Sequence(lambda n: 9_000 + n)
    revision = 1
    kind = "sell"
    entry = "out"
    profit = Decimal("12.50")
    swap = Decimal(0)
    commission = Decimal("-0.70")
    fee = Decimal(0)
    at = MOMENT
    trace_id = TRACE


def deal_facts(**facts: Any) -> DealFacts:
    """The factory's product, typed."""
    return cast(DealFacts, DealFactsFactory(**facts))


def draft_of(
    key: str,
    *lines: tuple[str, str, str],
    book: str = "paper",
    kind: str = "test",
    reverses_key: str | None = None,
    note: str = "",
) -> EntryDraft:
    """`draft_of("k", ("Assets:A", "USD", "5"), …)`."""
    return EntryDraft(
        idem_key=key,
        kind=kind,
        book=book,
        event_at=MOMENT,
        source="test:1",
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
