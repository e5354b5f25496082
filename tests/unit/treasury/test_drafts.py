"""Drafts refuse before a round trip what the ledger would refuse."""

from decimal import Decimal

import pytest

from tests.factories.treasury import MOMENT, draft_of, transfer
from treasury.errors import AmountNotExact, EntryNotBalanced, EntryTooShort
from treasury.rules.drafts import (
    amount_text,
    draft_as_json,
    draft_check,
    reversal_key,
    reversal_of,
)


def test_a_balanced_draft_passes():
    draft_check(transfer("k", "0.000000000000000001"))


def test_a_draft_off_by_the_eighteenth_digit_is_refused():
    draft = draft_of("k", ("Assets:A", "USD", "5"), ("Income:B", "USD", "-5.000000000000000001"))
    with pytest.raises(EntryNotBalanced):
        draft_check(draft)


def test_currencies_do_not_cancel_each_other():
    draft = draft_of("k", ("Assets:A", "USD", "5"), ("Income:B", "EUR", "-5"))
    with pytest.raises(EntryNotBalanced):
        draft_check(draft)


def test_a_sum_of_huge_and_tiny_amounts_is_not_rounded():
    huge, tiny = "99999999999999999999", "0.000000000000000001"
    draft = draft_of(
        "k", ("Assets:A", "USD", huge), ("Assets:B", "USD", tiny), ("Income:C", "USD", f"-{huge}")
    )
    with pytest.raises(EntryNotBalanced):
        draft_check(draft)


def test_a_single_line_is_refused():
    with pytest.raises(EntryTooShort):
        draft_check(draft_of("k", ("Assets:A", "USD", "5")))


@pytest.mark.parametrize("amount", ["0", "-0", "0.000"])
def test_a_line_of_zero_is_refused(amount):
    draft = draft_of("k", ("Assets:A", "USD", amount), ("Income:B", "USD", "0"))
    with pytest.raises(EntryTooShort):
        draft_check(draft)


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-Infinity", "0.0000000000000000001", "100000000000000000000"]
)
def test_what_the_column_cannot_hold_exactly_is_refused(amount):
    draft = draft_of("k", ("Assets:A", "USD", amount), ("Income:B", "USD", "-1"))
    with pytest.raises(AmountNotExact):
        draft_check(draft)


def test_trailing_zeros_beyond_the_scale_are_no_digits():
    draft_check(transfer("k", "1.50000000000000000000"))


def test_amounts_are_hashed_at_full_scale():
    assert amount_text(Decimal("-1E+3")) == "-1000.000000000000000000"
    assert amount_text(Decimal("0.1")) == "0.100000000000000000"


def test_json_carries_plain_decimal_strings():
    draft = draft_of("k", ("Assets:A", "USD", "1E+3"), ("Income:B", "USD", "-1E+3"))
    assert [line[2] for line in draft_as_json(draft)["lines"]] == ["1000", "-1000"]


def test_a_reversal_mirrors_every_line_and_names_its_entry():
    draft = transfer("k", "5")
    mirror = reversal_of(draft, event_at=MOMENT, source="s", note="why")
    assert mirror.idem_key == reversal_key("k")
    assert mirror.reverses_key == "k"
    assert mirror.kind == "test.reversed"
    assert [line.amount for line in mirror.lines] == [Decimal(-5), Decimal(5)]
