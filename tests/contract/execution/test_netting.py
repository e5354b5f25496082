"""One position, several trades: what merges on a netting account stays each one's own."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from execution.models import CloseRequest, Order, Position
from execution.services.accounts import subscription_create
from execution.services.asking_again import ask_again_all
from execution.services.closing import close_carry_out, flatten_ask, position_close_ask
from execution.services.reconciling import account_reconcile
from execution.services.staging import decision_stage
from fusion_project.incidents.models import Incident
from tests.builders.execution import decision_make, desk_make, strategy_make
from tests.builders.people import staff_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db
STOP = "1.09500"


@pytest.fixture
def ea():
    return Scripted(desk_make(margin_mode="netting"))


def opens(ea, ref: str, lots: str = "0.10", **fields) -> tuple[Order, Position]:
    """An entry that opens a position, or joins the one that is there."""
    order = ea.takes(staged(ea, ref, lots, **fields))
    there = Position.objects.filter(account=ea.desk.account, closed_at=None).first()
    at = {"position_ticket": str(there.position_ticket)} if there else {}
    ea.deals(order, **at)
    return order, Position.objects.get(account=ea.desk.account, closed_at=None)


def staged(ea, ref: str, lots: str, **fields) -> Order:
    return ea.desk.stage(trade_ref=ref, lots=lots, **{"risk_bps": 500, **fields})


def by_hand(ea, position: Position, kind: str, lots: str, entry: str = "in", **more) -> None:
    at = {"position_ticket": str(position.position_ticket), "kind": kind, "entry": entry}
    ea.deals(volume_lots=lots, reason="client", **at, **more)
    position.refresh_from_db()


def leave(ea, ref: str, verb: str = "exit", **fields) -> Order:
    return ea.desk.stage(verb, side="sell", trade_ref=ref, **fields)


def shares(position: Position) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, lots FROM execution_position_shares(%s, %s)",
            [position.account_id, position.position_ticket],
        )
        return {key: str(lots.normalize()) for key, lots in cursor.fetchall()}


def test_each_trade_of_a_shared_position_is_closed_by_its_own_exit(ea):
    first, position = opens(ea, "t1", "0.10")
    second, _ = opens(ea, "t2", "0.20")
    assert shares(position) == {first.id: "0.1", second.id: "0.2"}
    two = leave(ea, "t2")
    assert (two.verb, two.volume_lots, two.state) == ("partial_exit", Decimal("0.2"), "staged")
    assert (two.trace_id, two.trade_ref) == (second.trace_id, "t2")
    ea.deals(ea.takes(two))
    assert shares(position) == {first.id: "0.1"}
    one = leave(ea, "t1")
    assert (one.verb, one.volume_lots) == ("exit", Decimal("0.1"))
    ea.deals(ea.takes(one))
    position.refresh_from_db()
    assert not position.is_open
    assert [state(order) for order in (two, one)] == ["filled", "filled"]
    assert not is_halted(ea.desk)
    assert kinds_open() == set()


def test_two_exits_at_once_take_no_more_than_their_own(ea):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    orders = [leave(ea, "t1"), leave(ea, "t2")]
    assert [one.volume_lots for one in orders] == [Decimal("0.1"), Decimal("0.2")]
    assert {one.verb for one in orders} == {"partial_exit"}


def test_an_exit_that_comes_twice_closes_nobody_elses_share(ea):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    first, again = leave(ea, "t1"), leave(ea, "t1")
    assert (first.state, again.state, again.reason) == ("staged", "rejected", "no_open_position")
    ea.takes(first)
    ea.says("rejected", first, retcode=10006)
    assert leave(ea, "t1").volume_lots == Decimal("0.1")


def test_half_of_a_trade_is_half_of_what_it_opened(ea):
    opens(ea, "t1", "0.10")
    _, position = opens(ea, "t2", "0.20")
    for _ in range(2):
        order = leave(ea, "t2", "partial_exit", close_pct="50")
        assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
        ea.deals(ea.takes(order))
    assert list(shares(position).values()) == ["0.1"]
    assert leave(ea, "t2", "partial_exit", close_pct="50").reason == "no_open_position"


def test_an_exit_filled_in_part_is_asked_again_for_the_rest_of_its_trade(ea, clock):
    opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    order = ea.takes(leave(ea, "t2"))
    ea.deals(order, volume_lots="0.05")
    ea.says("done", order)
    clock.advance(seconds=3)
    assert ask_again_all() == 1
    again = Order.objects.get(attempt=2)
    assert (again.verb, again.volume_lots) == ("partial_exit", Decimal("0.15"))
    assert (again.trace_id, again.trade_ref) == (order.trace_id, "t2")


def test_what_was_closed_otherwise_is_not_asked_again_of_another_trade(ea, clock):
    _, position = opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    order = ea.takes(leave(ea, "t1"))
    ea.says("rejected", order, retcode=10006)
    by_hand(ea, position, "sell", "0.10", "out")
    clock.advance(seconds=3)
    assert ask_again_all() == 0
    assert kinds_open() == set()


def test_closing_the_symbol_closes_all_trades_by_one_order(ea):
    _, position = opens(ea, "t1", "0.10")
    opens(ea, "t2", "0.20")
    (order,) = ea.desk.decide_and_stage("close_all", side="any")
    assert (order.verb, order.volume_lots) == ("exit", Decimal("0.3"))
    ea.deals(ea.takes(order))
    position.refresh_from_db()
    assert not position.is_open


def test_an_exit_leaves_what_was_asked_for_after_it(ea):
    first, _ = opens(ea, "t1", "0.10")
    decision = ea.desk.decide("close_all", side="any")
    _, position = opens(ea, "t2", "0.20")
    (order,) = decision_stage(decision_id=decision.id)
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))
    assert order.trade_ref == first.trade_ref
    ea.deals(ea.takes(order))
    assert list(shares(position).values()) == ["0.2"]


def test_what_a_closed_trade_still_opens_is_closed_too_and_only_that(ea):
    first, position = opens(ea, "t1", "0.10")
    out = ea.takes(staged(ea, "t2", "0.20"))
    at = {"position_ticket": str(position.position_ticket)}
    ea.deals(out, volume_lots="0.05", **at)
    order = ea.takes(leave(ea, "t2"))
    assert (order.verb, order.volume_lots, state(out)) == (
        "partial_exit",
        Decimal("0.05"),
        "cancel_requested",
    )
    ea.deals(out, volume_lots="0.05", **at)
    ea.says("cancelled", out)
    ea.deals(order)
    late = Order.objects.get(decision=order.decision, attempt=2)
    assert (late.verb, late.volume_lots) == ("partial_exit", Decimal("0.05"))
    ea.deals(ea.takes(late))
    assert shares(position) == {first.id: "0.1"}
    assert not is_halted(ea.desk)


def test_a_resting_entry_of_another_trade_is_not_closed_by_an_exit_before_it_fills(ea):
    opens(ea, "t1", "0.10")
    limit = {"order_type": "limit", "limit_price": "1.09900", "sl": "1.09600"}
    resting = staged(ea, "t2", "0.20", **limit)
    assert resting.state == "staged", resting.reason
    order = leave(ea, "t1")
    assert (order.verb, order.volume_lots) == ("partial_exit", Decimal("0.1"))


def test_an_entry_waits_while_all_that_is_open_is_being_closed(ea):
    opens(ea, "t1", "0.10")
    closing = leave(ea, "t1")
    assert closing.verb == "exit"
    entry = staged(ea, "t2", "0.20")
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(closing.id)]
    ea.says("ack", closing)
    ea.deals(closing)
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(entry.id)]


# Another strategy.


@pytest.fixture
def other(ea):
    """Another strategy that the account follows."""
    strategy = strategy_make()
    account = ea.desk.account
    subscription_create(strategy_id=strategy.id, account_id=account.id)
    return strategy


def entry_of(strategy, **fields) -> Order:
    (order,) = decision_stage(decision_id=decision_make(strategy, **fields).id)
    return order


def test_another_strategy_takes_no_instrument_that_is_in_use(ea, other):
    waiting = ea.desk.stage(trade_ref="t1", lots="0.10")
    assert entry_of(other).reason == "netting_in_use"
    ea.takes(waiting)
    ea.deals(waiting)
    assert entry_of(other).reason == "netting_in_use"
    position = Position.objects.get()
    ea.deals(ea.takes(leave(ea, "t1")))
    position.refresh_from_db()
    assert not position.is_open
    assert entry_of(other).state == "staged"


def test_on_a_hedging_account_it_does():
    ea = Scripted(desk_make(margin_mode="hedging"))
    strategy = strategy_make()
    subscription_create(strategy_id=strategy.id, account_id=ea.desk.account.id)
    ea.opens()
    assert entry_of(strategy).state == "staged"


def test_an_entry_that_was_staged_before_somebody_traded_by_hand_is_not_handed_out(ea):
    entry = ea.desk.stage(lots="0.10")
    ea.deals(position_ticket="900", reason="client")
    assert ea.poll()["orders"] == []
    assert state(entry) == "staged"
    ea.deals(kind="sell", entry="out", position_ticket="900", reason="client")
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(entry.id)]


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
