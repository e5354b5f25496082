"""A broker closes and reopens positions on one identifier: no exit, no entry, no greater risk."""

from decimal import Decimal

import pytest

from execution.models import Position
from execution.wire.fields import number_text
from fusion_project.events.models import Event
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open

pytestmark = pytest.mark.django_db
REASONS = ("rollover", "vmargin", "split", "corporate_action")


@pytest.fixture
def ea():
    return Scripted(desk_make())


def rebuild(ea, position, *, lots, reason, price="1.10000"):
    """Out with all that is open, in with so many lots, on one identifier; the number stays."""
    at = {
        "position_ticket": str(position.position_ticket),
        "magic": str(position.order_id),
        "reason": reason,
        "price": price,
    }
    ea.deals(kind="sell", entry="out", volume_lots=number_text(position.volume_open_lots), **at)
    between = Position.objects.get(id=position.id)
    ea.deals(kind="buy", entry="in", volume_lots=lots, **at)
    position.refresh_from_db()
    return between


@pytest.mark.parametrize("reason", REASONS)
def test_a_position_that_is_rebuilt_keeps_its_risk_and_was_never_closed(ea, reason):
    position = ea.opens(lots="0.10")
    assert position.risk_money == 50
    for _ in range(10):
        between = rebuild(ea, position, lots="0.10", reason=reason)
        assert between.is_open
    assert (position.risk_money, position.volume_base_lots) == (50, Decimal("0.1"))
    assert position.volume_open_lots == Decimal("0.1")
    assert (position.order.filled_lots, position.order.state) == (Decimal("0.1"), "filled")
    assert not Event.objects.filter(name__in=["position.closed", "position.reopened"]).exists()
    assert not is_halted(ea.desk)
    assert kinds_open() == set()


def test_a_split_doubles_the_lots_and_not_the_risk(ea):
    position = ea.opens(lots="0.10")
    rebuild(ea, position, lots="0.20", reason="split", price="0.55000")
    assert (position.volume_open_lots, position.risk_money) == (Decimal("0.2"), 50)
    order = ea.desk.stage("partial_exit", side="sell", close_pct="50")
    assert order.volume_lots == Decimal("0.1")


def test_half_of_a_position_that_was_reopened_daily_is_half_of_what_is_open(ea):
    position = ea.opens(lots="0.10")
    for _ in range(3):
        rebuild(ea, position, lots="0.10", reason="rollover")
    assert ea.desk.stage("partial_exit", side="sell", close_pct="50").volume_lots == Decimal("0.05")


def test_an_exit_in_between_waits_for_nobody(ea):
    position = ea.opens(lots="0.10")
    ea.deals(
        kind="sell",
        entry="out",
        position_ticket=str(position.position_ticket),
        magic=str(position.order_id),
        reason="rollover",
        volume_lots="0.10",
    )
    order = ea.desk.stage("exit", side="sell")
    assert (order.state, order.volume_lots) == ("staged", Decimal("0.1"))


def test_scaling_in_and_out_on_one_identifier_counts_what_is_open_now():
    ea = Scripted(desk_make(margin_mode="netting"))
    first = ea.opens(lots="0.10")
    at = {"position_ticket": str(first.position_ticket)}
    ea.deals(kind="sell", entry="out", volume_lots="0.05", **at)
    first.refresh_from_db()
    assert (first.volume_base_lots, first.risk_money) == (Decimal("0.1"), 50)
    for _ in range(5):
        more = ea.takes(ea.desk.stage(lots="0.10"))
        ea.deals(more, **at)
        ea.deals(kind="sell", entry="out", volume_lots="0.10", **at)
    first.refresh_from_db()
    assert first.volume_open_lots == Decimal("0.05")
    # 0.15 lots were open last; each scaling out took its share of the risk away.
    assert first.volume_base_lots == Decimal("0.15")
    assert 50 < first.risk_money < 80


@pytest.mark.parametrize("parts", [("0.10",), ("0.04", "0.06")])
def test_a_rebuilding_in_several_deals_keeps_the_risk(ea, parts):
    position = ea.opens(lots="0.10")
    at = {"position_ticket": str(position.position_ticket), "reason": "rollover"}
    for out in parts:
        ea.deals(kind="sell", entry="out", volume_lots=out, **at)
    for back in ("0.03", "0.07"):
        ea.deals(kind="buy", entry="in", volume_lots=back, **at)
    position.refresh_from_db()
    assert (position.volume_open_lots, position.risk_money) == (Decimal("0.1"), 50)
    assert (position.volume_base_lots, position.volume_foreign_lots) == (Decimal("0.1"), 0)
    assert kinds_open() == set()


def test_a_rebuilding_of_a_part_alone_keeps_the_risk(ea):
    position = ea.opens(lots="0.10")
    at = {"position_ticket": str(position.position_ticket), "reason": "rollover"}
    for kind, entry in (("sell", "out"), ("buy", "in")):
        ea.deals(kind=kind, entry=entry, volume_lots="0.04", **at)
    position.refresh_from_db()
    assert (position.volume_open_lots, position.risk_money) == (Decimal("0.1"), 50)


def test_a_shared_position_that_is_rebuilt_keeps_each_trades_share_and_half():
    ea = Scripted(desk_make(margin_mode="netting"))
    first = ea.opens(lots="0.10", trade_ref="t1")
    at = {"position_ticket": str(first.position_ticket)}
    ea.deals(ea.takes(ea.desk.stage(lots="0.20", trade_ref="t2", risk_bps=500)), **at)
    first.refresh_from_db()
    risk = first.risk_money
    rebuild(ea, first, lots="0.60", reason="split", price="0.55000")
    assert (first.volume_open_lots, first.risk_money) == (Decimal("0.6"), risk)
    half = ea.desk.stage("partial_exit", side="sell", trade_ref="t2", close_pct="50")
    assert (half.verb, half.volume_lots) == ("partial_exit", Decimal("0.2"))
    assert ea.desk.stage("exit", side="sell", trade_ref="t1").volume_lots == Decimal("0.2")


def test_negative_prices_are_prices(ea):
    position = ea.opens(lots="0.10")
    ea.deals(
        kind="sell",
        entry="out",
        position_ticket=str(position.position_ticket),
        volume_lots="0.10",
        price="-37.63",
        profit="-3000",
    )
    position.refresh_from_db()
    assert (position.price_close, position.net) == (Decimal("-37.63"), -3000)


def test_a_position_opened_below_zero_is_one(ea):
    ea.deals(position_ticket="9", price="-5.25")
    ea.deals(position_ticket="9", price="-6.25")
    assert Position.objects.get().price_open == Decimal("-5.75")
