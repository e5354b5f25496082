"""From the executor's report to the token entries, through the real services of execution."""

import json
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Position
from fusion_project.events import names
from fusion_project.events.models import Event, Handling
from tests.builders.execution import Desk, desk_make
from tokens.selectors.supply import accrual_get, supply_list
from treasury.models import Entry
from treasury.periodic import check_accounts
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import account_balance, ledger_is_balanced

pytestmark = pytest.mark.django_db


def cash(account: BrokerAccount) -> Decimal:
    return account_balance(book=account.book, code=broker_cash(account.server, account.login))


def trade(desk: Desk, **closing: object) -> Position:
    """Deposit, entry with commission, exit."""
    desk.deal(
        kind="balance",
        entry="",
        profit=Decimal(10_000),
        position_ticket=0,
        volume_lots=Decimal(0),
        symbol="",
    )
    order = desk.leased(lots="0.10")
    desk.report("ack", order)
    opening = desk.deal(order, commission=Decimal("-0.35"))
    position = Position.objects.get(position_ticket=opening.position_ticket)
    wanted = {"price": Decimal("1.10200"), "profit": Decimal("20"), "commission": Decimal("-0.35")}
    return desk.close(position, **(wanted | closing))


def kinds_of(position: Position) -> list[str]:
    events = Event.objects.filter(name=names.ENTRY_POSTED, trace_id=position.trace_id)
    return [json.loads(event.detail)["kind"] for event in events.order_by("id")]


def test_a_closed_trade_reaches_cash_points_and_accrual_on_one_trace(run_handlers):
    desk = desk_make()
    position = trade(desk)
    run_handlers()
    assert not Handling.objects.filter(done_at=None).exists()
    assert cash(desk.account) == Decimal("10019.30")
    assert sorted(kinds_of(position)) == [
        "deal",
        "deal",
        "token.da",
        "token.dai",
        "token.dct_accrual",
    ]
    accrued = accrual_get(book="paper", currency=desk.account.currency)
    assert sum(accrued.values()) == Decimal("19.30")
    points = {one.code: one.issued for one in supply_list(book="paper")}
    assert points["DAI"] == Decimal("0.84")  # 1 − (0.6 − 1)²
    assert 0 < points["DA"] <= 1
    assert ledger_is_balanced()


def test_a_deal_restated_after_the_close_reverses_what_followed(run_handlers):
    desk = desk_make()
    position = trade(desk)
    run_handlers()
    closing = position.account.deals.filter(entry="out").get()
    desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=Decimal("-5"),
        commission=Decimal("-0.35"),
    )
    run_handlers()
    position.refresh_from_db()
    assert position.net == Decimal("-5.70")
    assert cash(desk.account) == Decimal("9994.30")
    assert sum(accrual_get(book="paper", currency="USD").values()) == Decimal("-5.70")
    assert {one.issued for one in supply_list(book="paper") if one.code == "DAI"} == {
        Decimal("0.64")  # 1 − (0.6 − 0)²
    }
    reversed_kinds = Entry.objects.exclude(reverses=None).values_list("kind", flat=True)
    assert sorted(reversed_kinds) == [
        "deal.reversed",
        "token.da.reversed",
        "token.dai.reversed",
        "token.dct_accrual.reversed",
    ]


def test_a_position_that_is_open_again_gives_back_what_its_close_earned(run_handlers):
    desk = desk_make()
    position = trade(desk)
    run_handlers()
    closing = position.account.deals.filter(entry="out").get()
    desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket + 1,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=closing.profit,
        commission=closing.commission,
    )
    assert Event.objects.filter(name=names.POSITION_REOPENED).count() == 1
    run_handlers()
    position.refresh_from_db()
    assert position.closed_at is None
    assert set(accrual_get(book="paper", currency="USD").values()) == {0}
    assert {one.issued for one in supply_list(book="paper")} == {0}
    assert not Handling.objects.filter(done_at=None).exists()


def test_a_trade_that_nets_to_zero_still_gets_its_points(run_handlers):
    position = trade(desk_make(), profit=Decimal("0.70"))
    run_handlers()
    assert position.net == 0
    assert {"token.dai", "token.da"} <= set(kinds_of(position))
    assert "token.dct_accrual" not in kinds_of(position)
    assert not Handling.objects.filter(done_at=None).exists()


def test_ledger_cash_equals_the_balance_that_the_heartbeat_tells(run_handlers):
    desk = desk_make()
    trade(desk)
    run_handlers()
    newest = desk.account.deals.order_by("-time_msc", "-ticket")[0]
    BrokerAccount.objects.filter(id=desk.account.pk).update(
        balance=Decimal("10019.30"),
        heartbeat_at=newest.recorded_at,
        watermark_time_msc=newest.time_msc,
        watermark_ticket=newest.ticket,
    )
    check_accounts()
    assert desk.account.treasury_checks.get(kind="cash").agrees
