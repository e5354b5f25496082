"""Canonical JSON: one text for one value."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.text.canonical import (
    canonical_json,
    canonical_json_of_texts,
    canonical_sha256,
    decimal_text,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_reading_and_writing_again_gives_the_same_text(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text
    assert canonical_json_of_texts(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical_sha256(value) == canonical_sha256(dict(reversed(value.items())))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10))
def test_a_decimal_keeps_its_value_and_has_one_text(number: Decimal) -> None:
    text = decimal_text(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert decimal_text(Decimal(text + ("0" if "." in text else ".0"))) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.500", "1.5"), ("-0", "0"), ("-0.000", "0"), ("1E+3", "1000"), ("1E-7", "0.0000001")],
)
def test_decimals_are_plain(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"a": 0.1},
        Decimal("NaN"),
        Decimal("Infinity"),
        {1: "a"},
        object(),
        dt.datetime(2026, 1, 1),  # noqa: DTZ001 (naive on purpose)
    ],
)
def test_what_has_no_one_text_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_json(value)


def test_times_are_utc_with_microseconds() -> None:
    east = dt.timezone(dt.timedelta(hours=5))
    moment = dt.datetime(2026, 3, 1, 5, 0, 0, 7, tzinfo=east)
    assert canonical_json(moment) == '"2026-03-01T00:00:00.000007Z"'
