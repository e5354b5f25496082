"""What was set aside is paid out as two people want it: no more than there is, to nobody else."""

import datetime as dt
from decimal import Decimal
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.second_person.services import request_confirm
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
from tests.builders.treasury import (
    broker_account_make,
    entry_taken_back,
    ledger_accounts_make,
)
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import Entry
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.selectors.nav import nav_get, unit_book
from treasury.selectors.pools import pool_list
from treasury.services.holds import hold_make
from treasury.services.ledger import post
from treasury.services.pool_paying import pool_pay_ask
from treasury.services.revenue import revenue_ask, stream_open
from treasury.services.units import issue_ask

pytestmark = pytest.mark.usefixtures("committed_db")

BURN = "Liabilities:Pool:House:Burn:USD"


def asked(source, amount: str, pool: str = BURN):
    why = {"reason": "bought for intent 7", "actor": person_make()}
    return pool_pay_ask(pool=pool, source=source, amount=Decimal(amount), **why)


def balance(code: str) -> Decimal:
    return account_balance(book="paper", code=code)


@pytest.fixture
def account() -> BrokerAccount:
    """It has earned 100, of which 20 are set aside to buy and burn; 15 were withdrawn for it."""
    made = account_earning("100")
    distributed()
    # What came in at the beginning was answered for; what stands on its way went out.
    moved(made, "-1015")
    return made


def test_a_purchase_is_paid_from_the_pool_that_was_set_aside_for_it(account):
    transit = unit_book(account).transit
    assert (balance(BURN), balance(transit)) == (-20, 15)
    request = confirm(asked(account, "15"))
    assert request.state == "done", request.outcome
    entry = Entry.objects.get(kind="pool.pay")
    assert (entry.trace_id, entry.note) == (request.trace_id, "bought for intent 7")
    assert (balance(BURN), balance(transit)) == (-5, 0)
    assert ledger_is_balanced()
    entry_taken_back(entry.pk)
    assert balance(BURN) == -20


@pytest.mark.parametrize(
    ("amount", "pool", "words"),
    [
        ("15.01", BURN, "15 of Assets:Transit"),
        ("21", BURN, "holds 20"),
        ("0", BURN, "above zero"),
        ("-1", BURN, "above zero"),
        ("0.001", BURN, "2 digits"),
        ("NaN", BURN, "above zero"),
        ("5", "Liabilities:Pool:House:Rent:USD", "there is no pool"),
        ("5", "Equity:Retained:House:Retained:USD", "there is no pool"),
        ("5", "Liabilities:Pool:%", "there is no pool"),
    ],
)
def test_more_than_is_there_and_what_is_no_pool_is_refused(account, amount, pool, words):
    with pytest.raises(errors.PoolRefused, match=words):
        asked(account, amount, pool)


def test_what_is_held_of_a_pool_is_not_paid_to_somebody_else(account):
    hold_make(
        book="paper",
        account_code=BURN,
        amount=Decimal(10),
        entry_key="somebody else",
        expires_at=now() + dt.timedelta(hours=1),
        reason="test",
        actor=person_make(),
    )
    request = confirm(asked(account, "15"))
    assert (request.state, "below its floor" in request.outcome) == ("refused", True)
    assert confirm(asked(account, "10")).state == "done"


def test_two_who_pay_the_same_withdrawal_pay_it_once(account):
    first, second = asked(account, "15"), asked(account, "14")
    assert confirm(first).state == "done"
    assert confirm(second).state == "refused"
    assert balance(BURN) == -5


def test_a_stream_pays_from_its_own_revenue():
    stream = stream_open(book="paper", name="Subs", currency="USD", digits=2, actor="system")
    bound(stream, "subscription")
    paid = {"amount": Decimal(100), "reference": "inv-1", "reason": "x", "actor": person_make()}
    confirm(revenue_ask(stream=stream, **paid))
    sealed()
    distributed("subscription")
    pool = "Liabilities:Pool:Subscription:Operations:USD"
    assert confirm(asked(stream, "48", pool)).state == "done"
    assert (balance(pool), balance("Assets:Revenue:Subs")) == (0, 52)
    assert [one.amount for one in pool_list(book="paper")] == [20, 32, 0]


def test_money_of_investors_pays_nobody_elses_debts_and_the_other_way_round(account):
    fund = broker_account_make()
    bound(fund, "investor")
    moved(fund, "1000")
    told(fund)
    why = {"reason": "join", "actor": person_make()}
    confirm(issue_ask(account=fund, holder="A-1", amount=Decimal(1000), **why))
    earned(fund, "200")
    told(fund)
    sealed()
    distributed("investor")
    moved(fund, "-40")
    names = unit_book(fund)
    fee = names.place.pool("fee")
    worth = nav_get(account=fund)
    for source, pool in ((fund, BURN), (account, fee)):
        with pytest.raises(errors.PoolRefused, match="others own it"):
            asked(source, "5", pool)
    with pytest.raises(errors.PoolRefused, match="units pay"):
        asked(fund, "5", names.payable(1))
    assert confirm(asked(fund, "40", fee)).state == "done"
    assert nav_get(account=fund) == worth


def test_nobody_books_it_by_raw_sql_without_a_second_person(account, owner_connection):
    statement = """INSERT INTO treasury_entry (idem_key, request_sha256, kind, book, event_at,
        recorded_at, source, trace_id, note, xid, cluster) VALUES (%s, repeat('0', 64), 'pool.pay',
        'paper', now(), now(), %s, repeat('0', 32), '', '1', 1)"""
    request = asked(account, "15")
    key, source = f"pool.pay:{request.pk}", f"second_person.request:{request.pk}"
    with pytest.raises(psycopg.errors.CheckViolation, match="by hand"):
        owner_connection.execute(statement, [key, source])


@pytest.mark.parametrize(
    "lines",
    [
        [(BURN, "4"), ("{transit}", "-4")],
        [("Liabilities:Pool:House:Reward:USD", "5"), ("{transit}", "-5")],
        [(BURN, "5"), ("Equity:Distributed:House:USD", "-5")],
        [(BURN, "5"), ("Assets:Transit:Other", "-5")],
        [(BURN, "5"), ("{transit}", "-4"), ("Equity:Distributed:House:USD", "-1")],
    ],
)
def test_what_was_confirmed_is_booked_as_it_was_and_as_nothing_else(account, lines):
    ledger_accounts_make("Assets:Transit:Other")
    request = asked(account, "5")
    request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=person_make()
    )
    transit = unit_book(account).transit
    other = draft_of(
        f"pool.pay:{request.pk}",
        *((code.format(transit=transit), "USD", amount) for code, amount in lines),
        kind="pool.pay",
        source=f"second_person.request:{request.pk}",
    )
    with pytest.raises(IntegrityError, match="not what two people wanted"):
        post(drafts=[other])
    assert balance(BURN) == -20


def test_the_command_lists_pools_and_asks(account):
    user = staff_make("ops").username

    def run(*args: str) -> str:
        out = StringIO()
        call_command("pool", *args, stdout=out)
        return out.getvalue()

    assert f"{BURN}\t20 USD\n" in run("list", "--book=paper")
    assert "Nothing was ever set aside" in run("list", "--book=live")
    pay = ["pay", BURN, "--book=paper", "--reason=bought", f"--as={user}"]
    assert "waits for a second person" in run(*pay, f"--account={account.name}", "--amount=15")
    for wrong, words in (
        ([f"--account={account.name}", "--amount=x"], "no decimal number"),
        (["--account=nobody", "--amount=5"], "nothing named 'nobody'"),
        ([f"--account={account.name}", "--amount=16"], "wait to be booked"),
    ):
        with pytest.raises(CommandError, match=words):
            run(*pay, *wrong)
