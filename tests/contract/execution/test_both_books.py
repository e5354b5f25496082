"""Our books and the broker's, position by position; two differences in a row halt the account."""

from decimal import Decimal

import pytest

from execution.models import Order
from execution.services.reconciling import account_reconcile
from execution.services.unresolved import orders_watch
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from signals.models import Delivery
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    clock.set(now())
    return Scripted(desk_make())


def agrees(ea, clock, *positions, **beat):
    """One heartbeat with these positions, looked at; then ten seconds go by."""
    told = {"positions": list(positions)} if positions else {}
    ea.beat(**told, **beat)
    result = account_reconcile(account_id=ea.desk.account.id)
    clock.advance(seconds=10)
    return result


def differs(ea, clock, *positions, words, **beat):
    """Two in a row halt the account, and the incident says what differs."""
    assert agrees(ea, clock, *positions, **beat) is False
    assert not is_halted(ea.desk)
    assert agrees(ea, clock, *positions, **beat) is False
    assert is_halted(ea.desk)
    assert words in Incident.objects.get(kind="positions.differ").note


def test_the_same_books_agree(ea, clock):
    ea.opens(sl="1.09000", tp="1.20000")
    assert agrees(ea, clock) is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"volume_lots": "0.02"}, "0.02 there"),
        ({"side": "sell"}, "buy here, sell there"),
        ({"sl": None}, "stop 1.09 here, none there"),
        ({"sl": "1.08000"}, "stop 1.09 here, 1.08 there"),
    ],
)
def test_volume_side_and_a_stop_that_is_missing_or_wider_are_differences(ea, clock, changes, words):
    position = ea.opens(sl="1.09000")
    differs(ea, clock, ea.position(position, **changes), words=words)


def test_a_tighter_stop_is_recorded_and_no_difference(ea, clock):
    position = ea.opens(sl="1.09000")
    assert agrees(ea, clock, ea.position(position, sl="1.09500")) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.095")
    # From then on it is what must not be widened.
    differs(ea, clock, ea.position(position, sl="1.09000"), words="stop 1.095 here, 1.09 there")


def test_a_stop_rounded_to_the_tick_is_the_same(ea, clock):
    position = ea.opens(sl="1.09000")
    assert agrees(ea, clock, ea.position(position, sl="1.08999")) is True


def test_positions_by_hand_are_compared_too_but_their_stops_are_nobodys(ea, clock):
    ea.deals(position_ticket="900")
    (position,) = ea.desk.account.positions.all()
    assert agrees(ea, clock, ea.position(position, sl="1.05000")) is True
    differs(ea, clock, ea.position(position, volume_lots="0.2"), words="0.2 there")


def test_an_equity_that_its_parts_do_not_add_up_to_is_a_difference(ea, clock):
    told = {"balance": "10000", "credit": "0", "floating": "-10", "equity": "9990"}
    assert agrees(ea, clock, **told) is True
    differs(ea, clock, words="equity 99990", **{**told, "equity": "99990"})


def amended(ea):
    """An amend that its executor told as done, at an account whose heartbeats tell stops."""
    position = ea.opens(sl="1.09000", tp="1.20000")
    ea.beat()
    order = ea.takes(ea.desk.stage("amend", sl="1.09500"))
    ea.says("done", order, retcode=10009)
    return position


def test_an_amend_is_done_once_the_heartbeat_shows_its_stop(ea, clock):
    position = amended(ea)
    position.refresh_from_db()
    assert position.sl == Decimal("1.09")
    clock.advance(seconds=1)
    assert agrees(ea, clock, ea.position(position, sl="1.09500", tp="1.20000")) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.095")
    clock.advance(seconds=60)
    periodic_run("execution.ask_again")
    assert Order.objects.filter(verb="amend").count() == 1


def test_an_amend_that_the_heartbeat_does_not_show_is_asked_again(ea, clock):
    position = amended(ea)
    for _ in range(4):
        assert agrees(ea, clock, ea.position(position)) is True
        periodic_run("execution.ask_again")
    again = Order.objects.get(verb="amend", attempt=2)
    assert (again.sl, again.state) == (Decimal("1.095"), "staged")
    assert kinds_open() == {"risk.stands"}


def pending(order, **changes):
    return {
        "broker_order_ticket": "120",
        "magic": str(order.id),
        "symbol": "EURUSD",
        "kind": "buy_limit",
        "volume_lots": "0.1",
        "price": "1.09",
        **changes,
    }


def working(ea):
    order = ea.takes(ea.desk.stage(order_type="limit", limit_price="1.09000"))
    ea.says("working", order, retcode=10008)
    return order


def test_an_entry_that_rests_there_and_is_cancelled_here_is_cancelled_again(ea, clock):
    order = working(ea)
    ea.says("cancelled", order)
    clock.advance(seconds=10)
    assert agrees(ea, clock, pendings=[pending(order)]) is False
    assert (state(order), kinds_open()) == ("cancel_requested", {"risk.stands"})
    assert ea.poll()["desired"][0]["command"] == "cancel"
    ea.says("cancelled", order)
    assert state(order) == "cancelled"
    clock.advance(seconds=10)
    assert agrees(ea, clock) is True


def test_an_entry_that_rests_here_and_not_there_is_a_difference(ea, clock):
    order = working(ea)
    clock.advance(seconds=10)
    assert agrees(ea, clock, pendings=[pending(order)]) is True
    differs(ea, clock, words=f"order {order.id} rests here and not there")


def test_an_exit_that_is_asked_again_until_its_market_opens_is_no_difference(ea, clock):
    position = ea.opens(sl="1.09000")
    closing = ea.takes(ea.desk.stage("exit"))
    ea.says("working", closing, retcode=10018)
    clock.advance(seconds=10)
    for _ in range(3):
        assert agrees(ea, clock, ea.position(position), pendings=[]) is True


def test_an_amend_of_what_rests_that_is_asked_again_is_no_difference(ea, clock):
    ea = Scripted(ea.desk, boot_nonce="first")
    ea.hello(api_minor=3)
    entry = working(ea)
    (amend,) = ea.desk.decide_and_stage("amend", side="buy", tp="1.12000")
    assert amend.order_type == "limit"
    ea.says("working", ea.takes(amend), retcode=10018)
    assert state(amend) == "working"
    clock.advance(seconds=10)
    for _ in range(3):
        assert agrees(ea, clock, pendings=[pending(entry)]) is True


def test_a_market_entry_that_the_broker_placed_and_did_not_fill_yet_is_no_difference(ea, clock):
    order = ea.takes(ea.desk.stage())
    ea.says("working", order, retcode=10008)
    clock.advance(seconds=10)
    for _ in range(3):
        assert agrees(ea, clock, pendings=[]) is True


def test_pendings_of_others_are_nobodys_business(ea, clock):
    order = working(ea)
    clock.advance(seconds=10)
    others = [pending(order), pending(order, broker_order_ticket="121", magic="0")]
    assert agrees(ea, clock, pendings=others) is True


def test_unknown_is_looked_up_at_each_poll_and_after_a_minute_a_persons(ea, clock):
    order = ea.takes(ea.desk.stage(valid_seconds=600))
    ea.says("unknown", order)
    for _ in range(3):
        assert [one["command"] for one in ea.poll()["desired"]] == ["lookup"]
    clock.advance(seconds=59)
    orders_watch()
    assert kinds_open() == set()
    clock.advance(seconds=2)
    orders_watch()
    orders_watch()
    assert kinds_open() == {"order.unresolved"}
    assert Incident.objects.get().times_seen == 1


def refuse_alert(client, ea, run_handlers, body):
    from signals.services.strategies import strategy_secret_issue

    issued = strategy_secret_issue(
        strategy_id=ea.desk.strategy.id, actor="system", label="contract"
    )
    answer = client.post(issued.path, body, content_type="application/json")
    assert answer.status_code != 202
    run_handlers()
    return answer


def test_a_refused_alert_of_a_strategy_that_holds_a_position_is_an_incident(
    client, ea, run_handlers
):
    ea.opens()
    refuse_alert(client, ea, run_handlers, b'{"schema": "df.signal/1", "event": "ex')
    incident = Incident.objects.get(kind="exit.lost")
    assert incident.subject == f"signals.strategy:{ea.desk.strategy.id}"
    assert str(Delivery.objects.latest("id").id) in incident.note


def test_a_refused_alert_of_a_strategy_that_holds_nothing_is_none(client, ea, run_handlers):
    refuse_alert(client, ea, run_handlers, b"nonsense")
    assert kinds_open() == set()
