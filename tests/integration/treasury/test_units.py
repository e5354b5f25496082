"""Investors hold units of an account: fair to who stays, who joins late and who leaves."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.builders.distributing import (
    account_earning,
    bound,
    distributed,
    earned,
    moved,
    person_make,
    sealed,
    told,
)
from tests.builders.people import staff_make
from tests.builders.second_person import confirm
from tests.builders.treasury import broker_account_make
from treasury import errors
from treasury.models import UnitSeries
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.selectors.nav import nav_get, series_list, unit_book
from treasury.services.policies import bind_ask
from treasury.services.units import issue_ask, pay_ask, redeem_ask

pytestmark = pytest.mark.usefixtures("committed_db")


def issued(account, amount: str, holder: str) -> None:
    moved(account, amount)
    told(account)
    why = {"reason": "join", "actor": person_make()}
    request = confirm(issue_ask(account=account, holder=holder, amount=Decimal(amount), **why))
    assert request.state == "done", request.outcome


@pytest.fixture
def fund():
    """1 000 of the first investor, at 1 each."""
    account = broker_account_make()
    bound(account, "investor")
    issued(account, "1000", "A-1")
    return account


def held(account) -> list[tuple[Decimal, Decimal]]:
    return [(one.units, one.mark) for one in series_list(account=account)]


def balance(account, code: str) -> Decimal:
    return account_balance(book=account.book, code=code)


def test_a_deposit_is_no_profit_and_a_late_joiner_pays_for_no_gain_of_others(fund):
    assert held(fund) == [(1000, 1)]
    earned(fund, "200")
    moved(fund, "600")
    assert nav_get(account=fund) == 1200
    told(fund)
    why = {"reason": "join", "actor": person_make()}
    confirm(issue_ask(account=fund, holder="B-2", amount=Decimal(600), **why))
    assert held(fund) == [(1000, 1), (500, Decimal("1.2"))]
    told(fund)
    sealed()
    entry = distributed("investor")
    names = unit_book(fund)
    # 200 by 64/16/20 of the first series alone; 168 leave the account: 140 units at 1.20.
    assert balance(fund, names.payable(1)) == -128
    assert balance(fund, names.place.pool("fee")) == -40
    assert balance(fund, names.payable(2)) == 0
    assert held(fund) == [(860, Decimal("1.2")), (500, Decimal("1.2"))]
    assert nav_get(account=fund) == 1632
    assert entry.lines.filter(currency=names.currency).count() == 2
    sealed()
    with pytest.raises(errors.NothingToDistribute):
        distributed("investor", "2026-02")
    assert ledger_is_balanced()


def test_who_leaves_pays_the_fee_on_his_gain_and_is_paid_by_a_withdrawal(fund):
    earned(fund, "200")
    told(fund)
    why = {"reason": "leave", "actor": person_make()}
    request = confirm(redeem_ask(account=fund, number=1, units=Decimal(100), **why))
    assert request.state == "done", request.outcome
    names = unit_book(fund)
    # 100 units at 1.20, of which 20 are gain, of which 4 are the fee.
    assert balance(fund, names.payable(1)) == -116
    assert balance(fund, names.place.pool("fee")) == -4
    assert held(fund) == [(900, 1)]
    with pytest.raises(errors.UnitsRefused, match="withdrawals of 0"):
        pay_ask(account=fund, number=1, amount=Decimal(116), **why)
    moved(fund, "-116")
    told(fund)
    assert confirm(pay_ask(account=fund, number=1, amount=Decimal(116), **why)).state == "done"
    assert balance(fund, names.payable(1)) == balance(fund, names.transit) == 0
    with pytest.raises(errors.UnitsRefused, match="is owed 0"):
        pay_ask(account=fund, number=1, amount=Decimal(1), **why)


def test_money_that_stood_in_the_account_before_is_the_houses_own_series():
    account = account_earning("50")
    confirm_bound = bind_ask(
        policy_code="investor", source=account.name, book="paper", reason="x", actor=person_make()
    )
    confirm(confirm_bound)
    # 1 000 of the fixture's deposit wait for units; 50 were earned.
    why = {"reason": "join", "actor": person_make()}
    confirm(issue_ask(account=account, holder="A-1", amount=Decimal(1000), **why))
    assert held(account) == [(50, 1), (1000, 1)]
    assert list(UnitSeries.objects.values_list("holder", flat=True)) == ["house", "A-1"]


def test_an_open_gain_counts_for_the_price_but_is_never_paid(fund):
    told(fund, floating="500")
    fund.refresh_from_db()
    assert nav_get(account=fund) == 1500
    sealed()
    with pytest.raises(errors.NothingToDistribute):
        distributed("investor")


def test_what_cannot_be_issued_or_redeemed_is_refused_in_words(fund):
    why = {"account": fund, "reason": "x", "actor": person_make()}
    for match, ask in (
        ("deposits of 0 wait", lambda: issue_ask(holder="B", amount=Decimal(5), **why)),
        ("above zero", lambda: issue_ask(holder="B", amount=Decimal("-5"), **why)),
        ("reference", lambda: issue_ask(holder="Jane Doe", amount=Decimal(5), **why)),
        ("holds 1000", lambda: redeem_ask(number=1, units=Decimal(1001), **why)),
        ("no series 9", lambda: redeem_ask(number=9, units=Decimal(1), **why)),
        ("above zero", lambda: redeem_ask(number=1, units=Decimal(0), **why)),
    ):
        with pytest.raises(errors.UnitsRefused, match=match):
            ask()
    other = broker_account_make()
    with pytest.raises(errors.UnitsRefused, match="not under the policy"):
        issue_ask(**(why | {"account": other}), holder="B", amount=Decimal(5))


def test_an_account_with_units_stays_under_their_policy(fund):
    with pytest.raises(errors.UnitsRefused, match="hold 1000"):
        bind_ask(
            policy_code="house", source=fund.name, book="paper", reason="x", actor=person_make()
        )


def test_a_mark_only_rises_and_a_series_comes_with_its_entry(fund):
    series = UnitSeries.objects.get()
    for change in ("mark = 0.5", "mark = 1", "mark = 2, holder = 'x'"):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(f"UPDATE treasury_unitseries SET {change}")
    with pytest.raises(IntegrityError, match="comes with the entry"), transaction.atomic():
        UnitSeries.objects.create(
            account=fund,
            number=2,
            holder="x",
            mark=1,
            entry=series.entry,
            issued_at=series.issued_at,
        )


def test_the_command_lists_and_asks(fund):
    user = staff_make("ops").username

    def run(*args: str) -> str:
        out = StringIO()
        call_command("units", *args, f"--account={fund.name}", stdout=out)
        return out.getvalue()

    assert "A-1" in run("list")
    by = ["--reason=x", f"--as={user}"]
    said = run("redeem", "--series=1", "--units=10", *by)
    assert "waits for a second person: Take back 10 units of series 1" in said
    with pytest.raises(CommandError, match="deposits of 0"):
        run("issue", "--holder=B", "--amount=5", *by)
    with pytest.raises(CommandError, match="owed 0"):
        run("pay", "--series=1", "--amount=5", *by)
