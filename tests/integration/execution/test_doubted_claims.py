"""Equity and contracts that jump stop entries until a person has compared them with the broker."""

from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from execution.errors import NothingDoubted
from execution.models import AccountMark, ClaimConfirmation, SymbolMap
from execution.services.doubts import equity_confirm, sheets_told
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.builders.risk import heartbeat_tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = desk_make()
    heartbeat_tell(made.account, 10_400)
    sheets_told(account_id=made.account.id)
    return made


def sheet_tell(desk, **columns) -> None:
    SymbolMap.objects.filter(account=desk.account).update(**columns)
    sheets_told(account_id=desk.account.id)


def run(*args, **options) -> str:
    out = StringIO()
    call_command("executor_claims", *args, stdout=out, **options)
    return out.getvalue()


def incident() -> Incident:
    return Incident.objects.get(kind="claim.doubted", closed_at=None)


def test_the_told_fault_equity_times_a_hundred_million_orders_nothing(desk) -> None:
    heartbeat_tell(desk.account, 10_400 * 10**8)
    order = desk.stage()
    assert (order.state, order.reason) == ("rejected", "equity_in_doubt")
    assert order.message == "equity: 1040000000000, bound 3 times 10400"
    assert "1040000000000" in incident().note


def test_a_doubted_equity_moves_no_mark_and_stays_doubted_until_a_person_confirms(desk) -> None:
    heartbeat_tell(desk.account, 40_000)
    heartbeat_tell(desk.account, 10_900)
    assert desk.stage().reason == "equity_in_doubt"
    mark = AccountMark.objects.get(account=desk.account)
    assert (mark.highest_equity, mark.equity) == (10_400, 10_400)


def test_many_small_steps_reach_no_further_than_one(desk) -> None:
    for equity in (30_000, 31_200):
        heartbeat_tell(desk.account, equity)
    assert desk.stage().state == "staged"
    heartbeat_tell(desk.account, 31_201)
    assert desk.stage().reason == "equity_in_doubt"


def test_a_deposit_that_a_deal_tells_is_believed(desk, clock) -> None:
    clock.advance(seconds=5)
    desk.deal(
        kind="balance",
        entry="",
        magic=0,
        symbol="",
        position_ticket=0,
        volume_lots=Decimal(0),
        price=Decimal(0),
        profit=Decimal(50_000),
    )
    heartbeat_tell(desk.account, 60_400)
    assert desk.stage().state == "staged"
    assert not Incident.objects.filter(kind="claim.doubted").exists()


@pytest.mark.parametrize("value", ["0.001", "1000"])
def test_the_told_fault_a_tick_that_is_worth_a_thousandth_orders_nothing(desk, value) -> None:
    sheet_tell(desk, tick_value=Decimal(value))
    order = desk.stage()
    assert (order.state, order.reason) == ("rejected", "sheet_in_doubt")
    assert "money_per_price" in order.message
    assert "EURUSD" in incident().note


def test_a_contract_against_the_accounts_own_deals_is_doubted(desk) -> None:
    position = desk.opened(trade_ref="t1")
    desk.close(position, price=Decimal("1.10500"), profit=Decimal(5))
    order = desk.stage()
    assert order.reason == "sheet_in_doubt"
    assert incident().subject.endswith("/EURUSD")


def test_deals_that_agree_with_the_sheet_say_nothing(desk) -> None:
    position = desk.opened(trade_ref="t1")
    desk.close(position, price=Decimal("1.10500"), profit=Decimal(50))
    assert desk.stage().state == "staged"


def test_a_person_confirms_what_was_shown_and_entries_go_on(desk) -> None:
    user = User.objects.create_user("anna", is_staff=True)
    heartbeat_tell(desk.account, 40_000)
    sheet_tell(desk, tick_value=Decimal(2))
    listed = run("list").splitlines()
    assert len(listed) == 2
    for line in listed:
        login, symbol, words = line.split("\t")
        options = {"account": login, "shown": words, "note": "compared", "as_user": "anna"}
        run("confirm", symbol=None if symbol == "equity" else symbol, **options)
    assert run("list") == ""
    assert desk.stage().state == "staged"
    said = ClaimConfirmation.objects.order_by("id")
    assert {one.actor for one in said} == {f"user:{user.pk}"}
    assert not Incident.objects.filter(kind="claim.doubted", closed_at=None).exists()
    heartbeat_tell(desk.account, 41_000)
    assert AccountMark.objects.get(account=desk.account).day_equity == 40_000


def test_deals_from_before_a_confirmation_say_nothing_against_it(desk) -> None:
    User.objects.create_user("anna", is_staff=True)
    position = desk.opened(trade_ref="t1")
    desk.close(position, price=Decimal("1.10500"), profit=Decimal(5))
    (line,) = run("list").splitlines()
    login, symbol, words = line.split("\t")
    run("confirm", account=login, symbol=symbol, shown=words, note="compared", as_user="anna")
    assert desk.stage().state == "staged"


def test_what_is_not_what_was_shown_is_not_confirmed(desk) -> None:
    heartbeat_tell(desk.account, 40_000)
    with pytest.raises(NothingDoubted):
        equity_confirm(account_id=desk.account.id, doubt="other", actor="user:1", note="x")
    User.objects.create_user("anna", is_staff=True)
    with pytest.raises(CommandError):
        run("confirm", account=desk.account.login, shown="", note="", as_user="anna")


def test_a_late_heartbeat_of_a_deposit_that_no_deal_has_told_moves_nothing(desk, clock) -> None:
    heartbeat_tell(desk.account, 20_000, watermark_ticket=77)
    mark = AccountMark.objects.get(account=desk.account)
    assert mark.highest_equity == 10_400
