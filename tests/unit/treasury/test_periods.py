"""Months and days, and the entry of what open positions stood at when one ended."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.rules.drafts import draft_check
from treasury.rules.periods import Floating, span_of, unrealised_drafts


def _utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        ("2026-11", _utc(2026, 11, 1), _utc(2026, 12, 1)),
        ("2026-12", _utc(2026, 12, 1), _utc(2027, 1, 1)),
        ("2024-02", _utc(2024, 2, 1), _utc(2024, 3, 1)),
        ("2024-02-29", _utc(2024, 2, 29), _utc(2024, 3, 1)),
        ("2026-12-31", _utc(2026, 12, 31), _utc(2027, 1, 1)),
    ],
)
def test_a_period_is_a_month_or_a_day_in_utc(period, begins, ends):
    span = span_of(period)
    assert span is not None
    assert (span.starts_at, span.ends_at) == (begins, ends)


@pytest.mark.parametrize(
    "period",
    [
        "",
        "2026",
        "2026-13",
        "2026-02-30",
        "2026-1",
        "20261101",
        "2026-W05-1",
        "9999-12",
        "2026-11 ",
    ],
)
def test_anything_else_is_none(period):
    assert span_of(period) is None


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
def test_days_of_a_month_follow_each_other_up_to_its_end(day):
    span, month = span_of(day.isoformat()), span_of(f"{day:%Y-%m}")
    assert span is not None
    assert month is not None
    assert span.ends_at - span.starts_at == dt.timedelta(days=1)
    assert month.starts_at <= span.starts_at < span.ends_at <= month.ends_at


def _floating(amount: str) -> Floating:
    told_at = _utc(2026, 11, 30, 23, 59)
    return Floating(5, "Demo-Server", "5001", "USD", Decimal(amount), told_at)


def test_what_stood_open_is_booked_in_the_last_microsecond_and_taken_back_in_the_next_period():
    span = span_of("2026-11")
    assert span is not None
    booked, back = unrealised_drafts(
        book="paper", span=span, source="execution.account:5", floating=_floating("-12.5"), scale=8
    )
    draft_check(booked)
    assert booked.idem_key == "unrealised:paper:2026-11:5"
    assert [(line.account_code, line.amount) for line in booked.lines] == [
        ("Assets:Broker:Demo-Server-5001:Unrealised", Decimal("-12.5")),
        ("Income:Unrealised:Demo-Server-5001", Decimal("12.5")),
    ]
    assert booked.event_at < span.ends_at == back.event_at
    assert back.reverses_key == booked.idem_key
    assert [line.amount for line in back.lines] == [Decimal("12.5"), Decimal("-12.5")]


def test_nothing_is_booked_for_nothing():
    span = span_of("2026-11")
    assert span is not None
    wanted = {"book": "paper", "span": span, "source": "x", "scale": 2}
    assert unrealised_drafts(floating=_floating("0"), **wanted) == []
    assert unrealised_drafts(floating=_floating("0.001"), **wanted) == []
