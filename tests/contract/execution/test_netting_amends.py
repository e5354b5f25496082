"""An entry that joins a netting position brings its stop: what an amend asks of it is not lost."""

from decimal import Decimal

import pytest

from execution.models import Order, Position
from execution.services.amends_followed import amends_follow_all
from execution.services.reconciling import account_reconcile
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from signals.intents.legs import Target
from tests.builders.execution import desk_make
from tests.contract.execution.netting import opens, shares, staged
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    """An executor of minor 3 on a netting account, while time stands still."""
    clock.set(now())
    made = Scripted(desk_make(margin_mode="netting"), boot_nonce="first")
    made.hello(api_minor=3)
    return made


def rests(ea, ref="t2", **fields):
    """A buy limit of another trade, at the broker, with a stop that loosens nothing."""
    asked = {"order_type": "limit", "limit_price": "1.09900", "sl": "1.09600", **fields}
    order = ea.takes(staged(ea, ref, "0.10", **asked))
    ea.says("working", order, retcode=10008)
    order.refresh_from_db()
    return order


def amend(ea, ref="t2", **fields):
    return ea.desk.decide_and_stage("amend", side="buy", trade_ref=ref, **fields)


def joins(ea, entry, position, **fields):
    """The broker fills it into the position, with the stop that it knew."""
    ticket = str(position.position_ticket)
    ea.deals(entry, **{"price": "1.09900", "position_ticket": ticket, **fields})
    position.refresh_from_db()


def asked_of(position):
    return list(
        Order.objects.filter(position_ticket=position.position_ticket, verb="amend").order_by("id")
    )


def test_one_that_fills_before_its_amend_gives_it_to_the_position_that_it_joined(ea):
    first, position = opens(ea, "t1", sl="1.09500", tp="1.12000")
    entry = rests(ea, tp="1.13000")
    (change,) = amend(ea, sl="1.09750")
    joins(ea, entry, position)
    assert set(shares(position)) == {first.id, entry.id}
    (told,) = ea.poll()["orders"]
    assert (told["event"], told["sl"], told["target_order_id"]) == ("amend", "1.0975", "0")
    assert told["position_ticket"] == str(position.position_ticket)
    # What the amend does not say is the joining entry's, as it stands at the broker by now.
    assert told["tp"] == "1.13"
    assert state(change) == "cancelled"
    ea.says("done", asked_of(position)[0], retcode=10009)
    ea.beat(positions=[ea.position(position, sl="1.0975", tp="1.13")])
    assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert (position.sl, position.tp) == (Decimal("1.0975"), Decimal("1.13"))


def test_it_is_asked_once(ea, clock):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, sl="1.09750")
    joins(ea, entry, position)
    clock.advance(seconds=40)
    amends_follow_all()
    assert [one.attempt for one in asked_of(position)] == [1]


def test_each_part_that_fills_without_it_asks_again(ea):
    """The broker's rest still has the old stop, and each of its fills brings it."""
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, sl="1.09750")
    joins(ea, entry, position, volume_lots="0.04")
    (first,) = asked_of(position)
    ea.poll()
    ea.says("done", first, retcode=10009)
    joins(ea, entry, position, volume_lots="0.06")
    assert [(one.attempt, one.state) for one in asked_of(position)] == [(1, "done"), (2, "staged")]


def test_the_newest_of_several_says_all(ea):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, sl="1.09700")
    amend(ea, tp="1.14000")
    joins(ea, entry, position)
    (one,) = asked_of(position)
    assert (one.state, one.sl, one.tp) == ("staged", Decimal("1.097"), Decimal("1.14"))


def test_a_distance_counts_from_the_fill(ea):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, sl=Target("points", Decimal(200)))
    joins(ea, entry, position, price="1.09880")
    (one,) = asked_of(position)
    assert one.sl == Decimal("1.0968")


def test_what_the_broker_had_before_the_fill_is_asked_of_nobody(ea, clock):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    (change,) = amend(ea, limit_price="1.09800", sl="1.09550")
    ea.poll()
    ea.says("done", change, retcode=10009)
    joins(ea, entry, position, price="1.09800")
    assert asked_of(position) == []
    for _ in range(2):
        clock.advance(seconds=10)
        ea.beat(positions=[ea.position(position, sl="1.0955")])
        assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert (position.sl, is_halted(ea.desk)) == (Decimal("1.0955"), False)


def test_a_stop_that_a_joining_entry_loosened_is_held_against_its_amend(ea, clock):
    """The executor had tightened the stop that stands, and the fill brought the entry's instead."""
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    (change,) = amend(ea, limit_price="1.09800", sl="1.09550")
    ea.poll()
    ea.says("done", change, retcode=10009)
    told = {
        "broker_order_ticket": "700",
        "symbol": "EURUSD",
        "kind": "buy_limit",
        "volume_lots": "0.1",
        "price": "1.098",
        "sl": "1.0955",
        "magic": str(entry.id),
    }
    clock.advance(seconds=10)
    ea.beat(positions=[ea.position(position, sl="1.097")], pendings=[told])
    assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.097")
    joins(ea, entry, position, price="1.09800")
    clock.advance(seconds=10)
    ea.beat(positions=[ea.position(position, sl="1.0955")])
    assert account_reconcile(account_id=ea.desk.account.id) is True
    position.refresh_from_db()
    assert position.sl == Decimal("1.0955")


def test_an_amend_of_the_price_alone_leaves_the_position_as_it_is(ea):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, limit_price="1.09850")
    joins(ea, entry, position)
    assert asked_of(position) == []


def test_what_one_decision_has_set_is_set_again_after_a_later_entry_of_the_trade_joined(ea):
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea, "t1")
    here, there = amend(ea, "t1", sl="1.09750")
    assert (here.position_ticket, there.target_order_id) == (position.position_ticket, entry.id)
    ea.poll()
    ea.says("done", here, retcode=10009)
    joins(ea, entry, position)
    made = asked_of(position)
    assert [(one.attempt, one.state) for one in made] == [(1, "done"), (2, "staged")]
    assert made[1].sl == Decimal("1.0975")


def test_a_stop_that_would_loosen_what_stands_is_refused_in_words(ea):
    """Somebody has tightened it further meanwhile."""
    _, position = opens(ea, "t1", sl="1.09500")
    entry = rests(ea)
    amend(ea, sl="1.09700")
    ea.beat(positions=[ea.position(position, sl="1.098")])
    periodic_run("execution.reconcile")
    joins(ea, entry, position)
    (one,) = asked_of(position)
    assert (one.state, one.reason) == ("rejected", "amend_widens_stop")
    assert kinds_open() == set()
    assert Position.objects.count() == 1
