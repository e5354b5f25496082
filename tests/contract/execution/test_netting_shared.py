"""What is one for all who share a netting position: its stop, and who else trades in it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from execution.models import CloseRequest, Order, Position
from execution.services.closing import close_carry_out, flatten_ask, position_close_ask
from execution.services.reconciling import account_reconcile
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make, strategy_make
from tests.builders.people import staff_make
from tests.contract.execution.netting import STOP, by_hand, leave, opens, shares, staged
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea():
    return Scripted(desk_make(margin_mode="netting"))


# Somebody by hand.


def test_what_somebody_adds_by_hand_is_told_and_never_ours(ea):
    _, position = opens(ea, "t1", "0.10")
    by_hand(ea, position, "buy", "0.30", commission="-2")
    assert (position.volume_open_lots, position.volume_foreign_lots) == (
        Decimal("0.4"),
        Decimal("0.3"),
    )
    incident = Incident.objects.get(kind="position.shared", closed_at=None)
    assert "0.3 of 0.4 lots" in incident.note
    assert ea.desk.stage(trade_ref="t2").reason == "netting_in_use"
    order = leave(ea, "t1")
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
    ea.deals(ea.takes(order), profit="50")
    position.refresh_from_db()
    assert shares(position) == {0: "0.3"}
    assert (position.net, position.net_of_ours) == (48, 50)
    assert kinds_open() == set()
    assert not is_halted(ea.desk)


def test_a_close_by_hand_takes_back_what_was_added_by_hand(ea):
    _, position = opens(ea, "t1", "0.10")
    by_hand(ea, position, "buy", "0.30")
    by_hand(ea, position, "sell", "0.30", "out", profit="-7")
    assert (position.volume_foreign_lots, position.net_of_ours) == (0, 0)
    assert kinds_open() == set()
    assert leave(ea, "t1").verb == "exit"


def test_a_trade_that_joined_somebody_elses_position_is_closed_by_its_exit(ea):
    entry = ea.takes(ea.desk.stage(trade_ref="t1", lots="0.10"))
    ea.deals(position_ticket="900", reason="client", volume_lots="0.50")
    ea.deals(entry, position_ticket="900")
    position = Position.objects.get()
    assert (position.order_id, position.volume_foreign_lots) == (None, Decimal("0.5"))
    assert kinds_open() == {"position.shared"}
    order = leave(ea, "t1")
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
    ea.deals(ea.takes(order))
    assert shares(position) == {0: "0.5"}


def flatten(ea, **fields) -> list[Order]:
    anna = f"user:{staff_make('ops').pk}"
    request = flatten_ask(account_id=ea.desk.account.id, reason="x", actor=anna, **fields)
    orders = close_carry_out(request_id=request.pk, account_id=ea.desk.account.id)
    assert close_carry_out(request_id=request.pk, account_id=ea.desk.account.id) in ([], orders)
    return orders


def test_a_person_closes_what_is_ours_of_a_shared_position(ea):
    _, position = opens(ea, "t1", "0.10")
    by_hand(ea, position, "buy", "0.30")
    (order,) = flatten(ea)
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
    ea.deals(ea.takes(order))
    assert shares(position) == {0: "0.3"}
    assert flatten(ea) == []


def test_a_person_closes_all_of_it_by_saying_so(ea):
    _, position = opens(ea, "t1", "0.10")
    by_hand(ea, position, "buy", "0.30")
    (order,) = flatten(ea, with_foreign=True)
    assert (order.verb, order.volume_lots) == ("exit", Decimal("0.4"))


def test_the_table_gives_a_persons_word_no_lots_that_are_not_ours(ea):
    _, position = opens(ea, "t1", "0.10")
    by_hand(ea, position, "buy", "0.30")
    anna = f"user:{staff_make('ops').pk}"
    said = {"account_id": ea.desk.account.id, "position_ticket": position.position_ticket}
    request = position_close_ask(**said, reason="x", actor=anna)
    for verb, lots in (("exit", "0.4"), ("partial_exit", "0.2"), ("exit", "0.1")):
        with (
            pytest.raises(IntegrityError, match="closes what it does not mean"),
            transaction.atomic(),
        ):
            written(position, request=request, verb=verb, volume_lots=Decimal(lots))
    row = written(position, request=request, verb="partial_exit", volume_lots=Decimal("0.1"))
    assert row.state == "staged"
    assert CloseRequest.objects.count() == 1


def written(position: Position, **columns) -> Order:
    """An exit of the position as the app's role would write it."""
    values = {
        "account": position.account,
        "instrument": position.instrument,
        "broker_symbol": position.broker_symbol,
        "strategy": position.strategy,
        "trace_id": position.trace_id,
        "trade_ref": position.trade_ref,
        "side": "sell",
        "position_ticket": position.position_ticket,
        "staged_at": position.updated_at,
    }
    return Order.objects.create(**{**values, **columns})


def test_the_table_gives_an_exit_no_share_but_its_trades(ea):
    _, position = opens(ea, "t1", "0.10")
    second, _ = opens(ea, "t2", "0.20")
    decision = ea.desk.decide("exit", side="sell", trade_ref="t2")
    of = {"decision": decision, "trace_id": second.trace_id, "trade_ref": "t2"}
    for verb, lots in (("partial_exit", "0.21"), ("exit", "0.2"), ("exit", "0.3")):
        with (
            pytest.raises(IntegrityError, match="asks for more than was decided"),
            transaction.atomic(),
        ):
            written(position, **of, verb=verb, volume_lots=Decimal(lots))
    assert written(position, **of, verb="partial_exit", volume_lots=Decimal("0.2"))


# One stop.


def test_what_is_added_must_not_loosen_the_stop_that_all_share(ea):
    opens(ea, "t1", sl=STOP)
    for wider in ("1.09499", "1.05000"):
        refused = ea.desk.stage(trade_ref="t2", sl=wider)
        assert (refused.state, refused.reason) == ("rejected", "netting_widens_stop")
    assert ea.desk.stage(trade_ref="t3", sl="1.09600", lots="0.01").state == "staged"


def test_what_waits_counts_too(ea):
    ea.desk.stage(trade_ref="t1", sl=STOP, lots="0.01")
    assert ea.desk.stage(trade_ref="t2", sl="1.09400").reason == "netting_widens_stop"


def test_without_a_stop_it_would_take_the_one_that_stands_away():
    ea = Scripted(desk_make(strategy_make(stop="optional"), margin_mode="netting"))
    opens(ea, "t1", sl=STOP)
    assert ea.desk.stage(trade_ref="t2", sl=None, lots="0.10").reason == "netting_widens_stop"


def test_the_stop_of_what_joined_last_is_the_positions(ea, clock):
    ea.hello()
    _, position = opens(ea, "t1", sl=STOP)
    opens(ea, "t2", sl="1.09600")
    told = ea.position(position, sl="1.096", volume_lots="0.2")
    told["volume_lots"] = str(Position.objects.get().volume_open_lots.normalize())
    ea.beat(positions=[told])
    assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.096")


def test_the_stop_of_a_position_that_was_turned_round_is_the_turning_entrys(ea, clock):
    ea.hello()
    _, position = opens(ea, "t1", "0.10", sl=STOP)
    turning = ea.takes(staged(ea, "t2", "0.30", side="sell", sl="1.10500"))
    at = {"position_ticket": str(position.position_ticket)}
    ea.deals(turning, entry="inout", **at)
    position.refresh_from_db()
    assert (position.side, shares(position)) == ("sell", {turning.id: "0.2"})
    for _ in range(2):
        clock.advance(seconds=10)
        ea.beat(positions=[ea.position(position, sl="1.105")])
        assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.105")
    assert not is_halted(ea.desk)


def test_a_looser_stop_that_nobody_ordered_is_still_a_difference(ea, clock):
    ea.hello()
    opens(ea, "t1", sl=STOP)
    _, position = opens(ea, "t2", sl="1.09600")
    for _ in range(2):
        clock.advance(seconds=10)
        ea.beat(positions=[ea.position(position, sl="1.09")])
        assert account_reconcile(account_id=ea.desk.account.id) is False
    assert is_halted(ea.desk)
