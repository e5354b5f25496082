"""Months of UTC: how they are read, where they begin and end, and which follows which."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.rules.months import Month, month_of, month_read

months = st.builds(Month, st.integers(2000, 2098), st.integers(1, 12))


@given(months)
def test_a_month_is_read_as_it_is_written(month):
    assert month_read(str(month)) == month


@given(months)
def test_months_follow_each_other_without_a_gap(month):
    assert month.next.previous == month.previous.next == month
    assert month < month.next
    assert month.ends_at == month.next.begins_at
    assert month.first_day == month.begins_at.date()
    assert timedelta(days=28) <= month.ends_at - month.begins_at <= timedelta(days=31)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-11-01", " 2026-11", "x"]
)
def test_other_texts_are_no_month(text):
    assert month_read(text) is None


def test_a_moment_belongs_to_its_month_of_utc():
    late = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert month_of(late) == Month(2027, 1)
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)).first_day == date(2026, 12, 1)
