"""What agrees with a broker, and what does not: to the last digit, and nothing guessed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasury.rules import checking
from treasury.rules.checking import (
    Finding,
    Ours,
    Told,
    TransitItem,
    findings_of,
    transit_open,
)

MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
amounts = st.decimals(-(10**6), 10**6, places=2)


def told(**facts: Any) -> Told:
    whole = {
        "balance": Decimal(100),
        "equity": Decimal("103.50"),
        "credit": Decimal(0),
        "floating": Decimal("3.50"),
        "tickets": frozenset({7}),
        "digits": 2,
    }
    return Told(**{**whole, **facts})


def ours(**facts: Any) -> Ours:
    whole = {
        "cash": Decimal(100),
        "credit": Decimal(0),
        "tickets": frozenset({7}),
        "transit": Decimal(0),
        "items": [],
        "items_may_stay": False,
    }
    return Ours(**{**whole, **facts})


def found(kind: str, of_broker: Told, of_ledger: Ours) -> Finding:
    findings = findings_of(of_broker, of_ledger, moment=MOMENT)
    assert [one.kind for one in findings] == list(checking.KINDS_OF_HEARTBEAT)
    return next(one for one in findings if one.kind == kind)


def item(amount: str, *, days: int = 0, number: int = 1) -> TransitItem:
    return TransitItem(number, Decimal(amount), MOMENT - timedelta(days=days))


def test_what_is_the_same_agrees_in_every_kind() -> None:
    assert {one.state for one in findings_of(told(), ours(), moment=MOMENT)} == {"agrees"}


@pytest.mark.parametrize(
    ("kind", "of_broker", "of_ledger", "difference"),
    [
        ("cash", {"balance": Decimal("100.01")}, {}, "0.01"),
        ("credit", {"credit": Decimal(5), "equity": Decimal("108.50")}, {}, "5"),
        ("equity", {"equity": Decimal("103.52")}, {}, "0.02"),
        ("tickets", {"tickets": frozenset({7, 8})}, {}, "1"),
        ("tickets", {"tickets": frozenset({8})}, {}, "2"),
        ("transit", {}, {"transit": Decimal(-5)}, "-5"),
        ("transit", {}, {"transit": Decimal(-5), "items": [item("-5", days=4)]}, "0"),
    ],
)
def test_what_differs_is_said_with_its_difference(kind, of_broker, of_ledger, difference) -> None:
    one = found(kind, told(**of_broker), ours(**of_ledger))
    assert (one.state, one.difference) == ("differs", Decimal(difference))


def test_equity_may_be_off_by_the_last_digit_for_the_broker_rounds() -> None:
    assert found("equity", told(equity=Decimal("103.51")), ours()).state == "agrees"


@pytest.mark.parametrize("kind", ["credit", "equity"])
def test_what_an_executor_does_not_tell_is_not_told_and_agrees_with_nothing(kind) -> None:
    one = found(kind, told(credit=None, floating=None), ours(credit=Decimal(3)))
    assert one.state == "not_told"
    assert one.note


def test_digits_beyond_those_of_the_account_are_the_ledgers_own() -> None:
    assert found("cash", told(), ours(cash=Decimal("100.004"))).state == "agrees"


def test_money_may_be_on_its_way_for_three_days_and_in_a_paper_book_for_ever() -> None:
    young = ours(transit=Decimal(-5), items=[item("-5", days=2)])
    paper = ours(transit=Decimal(-5), items=[item("-5", days=99)], items_may_stay=True)
    assert found("transit", told(), young).state == "agrees"
    assert found("transit", told(), paper).state == "agrees"


@given(st.lists(amounts.filter(bool), max_size=20))
def test_open_items_come_to_the_balance_of_their_account(moves) -> None:
    balance = sum(moves, Decimal(0))
    newest_first = [item(str(one), number=n) for n, one in enumerate(moves)][::-1]
    opened = transit_open(balance, newest_first)
    assert sum((one.amount for one in opened), Decimal(0)) == balance
    assert [one.entry_id for one in opened] == sorted(one.entry_id for one in opened)
    assert all((one.amount > 0) == (balance > 0) for one in opened)


def test_what_is_answered_for_is_the_oldest() -> None:
    moves = [item("-10", number=3), item("-20", number=2), item("-30", number=1)]
    assert [(one.entry_id, one.amount) for one in transit_open(Decimal(-25), moves)] == [
        (2, -15),
        (3, -10),
    ]
