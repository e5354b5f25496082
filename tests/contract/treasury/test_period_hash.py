"""The hash of a closed period is that of all it says; the bytes are those of this file."""

import datetime as dt
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import transfer
from treasury.models import PeriodClose
from treasury.rules.canonical import field, microseconds
from treasury.rules.drafts import amount_text
from treasury.services.ledger import post
from treasury.services.periods import period_close

pytestmark = pytest.mark.django_db

MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def hashed(close: PeriodClose) -> str:
    figures = close.figures.select_related("account").order_by("account__code")
    adjustments = close.adjustments.select_related("belongs_to").order_by("entry_id")
    said = [
        "df.period.v1",
        close.previous.sha256 if close.previous else None,
        close.book,
        close.period,
        microseconds(close.starts_at) if close.starts_at else None,
        microseconds(close.ends_at),
        str(close.cutoff_id),
        microseconds(close.closed_at),
        close.closed_by,
        str(len(figures)),
    ]
    for one in figures:
        amounts = (one.opening, one.debit, one.credit, one.adjusted, one.closing)
        said += [one.account.code, one.account.currency_id, *map(amount_text, amounts)]
    said.append(str(len(adjustments)))
    for late in adjustments:
        said += [str(late.entry_id), late.belongs_to.period]
    return sha256(b"".join(field(one) for one in said)).hexdigest()


def test_a_stranger_can_make_the_hash_of_each_statement_again():
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    post(drafts=[transfer("first", "5.25")])
    closes = [period_close(book="paper", period="2026-03", actor="user:1")]
    post(drafts=[replace(transfer("late", "-1"), event_at=MARCH)])
    post(drafts=[replace(transfer("next", "3"), event_at=MARCH + dt.timedelta(days=40))])
    closes.append(period_close(book="paper", period="2026-04", actor="user:1"))
    assert closes[1].adjustments.count() == 1
    for close in closes:
        close.refresh_from_db()
        assert hashed(close) == close.sha256
