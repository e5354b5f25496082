"""Entries that rest at the broker are amended: handed out, followed, and done by what is shown."""

from decimal import Decimal

import pytest

from execution.models import Order, Position, Quote
from execution.rules.switches import HALTED, REDUCING, account_target
from execution.wire.fields import number_text
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from signals.intents.legs import Target
from tests.builders.execution import desk_make
from tests.builders.risk import quote_tell
from tests.builders.switches import stop
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    """An executor of minor 3 that is at work while time stands still."""
    clock.set(now())
    made = Scripted(desk_make(), boot_nonce="first")
    made.hello(api_minor=3)
    return made


def later(clock, seconds):
    clock.advance(seconds=seconds)
    periodic_run("execution.ask_again")


def rests(ea, **fields):
    """A buy limit at 1.09000 with its stop at 1.08500, working at the broker."""
    asked = {"order_type": "limit", "limit_price": "1.09000", "sl": "1.08500", **fields}
    order = ea.takes(ea.desk.stage(trade_ref="t1", **asked))
    ea.says("working", order, retcode=10008)
    order.refresh_from_db()
    return order


def amend(ea, **fields):
    return ea.desk.stage("amend", trade_ref="t1", **{"ref_price": "1.10000", **fields})


def shown(order, **changes):
    """The order as the terminal shows it resting."""
    told = {
        "broker_order_ticket": str(order.id + 7_000),
        "magic": str(order.id),
        "symbol": "EURUSD",
        "kind": f"{order.side}_{order.order_type}",
        "volume_lots": number_text(order.volume_lots - order.filled_lots),
        "price": number_text(order.limit_price or order.stop_price),
        "sl": None if order.sl is None else number_text(order.sl),
        "tp": None if order.tp is None else number_text(order.tp),
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def test_all_prices_of_the_entry_go_out_with_its_number(ea):
    entry = rests(ea)
    order = amend(ea, limit_price="1.09200", sl="1.08800")
    (told,) = ea.poll()["orders"]
    assert (told["event"], told["order_type"], told["volume_lots"]) == ("amend", "limit", "0")
    assert (told["target_order_id"], told["position_ticket"]) == (str(entry.id), "0")
    assert (told["limit_price"], told["sl"], told["tp"]) == ("1.092", "1.088", None)
    assert (told["needs_minor"], told["order_id"]) == (3, str(order.id))


def test_what_the_amend_does_not_mention_stays(ea):
    rests(ea, tp="1.12000")
    order = amend(ea, sl="1.08700")
    assert (order.limit_price, order.sl, order.tp) == (
        Decimal("1.09"),
        Decimal("1.087"),
        Decimal("1.12"),
    )
    then = amend(ea, tp="1.13000")
    assert (then.sl, then.tp) == (Decimal("1.087"), Decimal("1.13"))


def test_a_stop_that_counts_from_the_fill_still_does(ea):
    entry = rests(ea, sl=Target("points", Decimal(500)))
    order = amend(ea, limit_price="1.09200")
    told = ea.poll()["orders"][0]
    assert (told["sl"], told["sl_distance"]) == (None, {"unit": "points", "value": "500"})
    assert order.sl == Decimal("1.087")
    ea.says("done", order, retcode=10009)
    ea.deals(entry, price="1.09190", position_ticket="77")
    assert Position.objects.get().sl == Decimal("1.0869")


def test_it_waits_until_its_entry_rests_at_the_broker(ea):
    entry = ea.desk.stage(trade_ref="t1", order_type="limit", limit_price="1.09000", sl="1.08500")
    order = amend(ea, sl="1.08700")
    ea.takes(entry)
    assert state(order) == "staged"
    ea.says("working", entry, retcode=10008)
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(order.id)]


def test_one_that_waits_for_its_entry_keeps_back_nobody(ea, monkeypatch):
    ea.deals(ea.takes(ea.desk.stage(trade_ref="t2", sl="1.08500")))
    entry = ea.desk.stage(trade_ref="t1", order_type="limit", limit_price="1.09000", sl="1.08500")
    waiting = amend(ea, sl="1.08700")
    leaving = ea.desk.stage("exit", side="sell", trade_ref="t2")
    monkeypatch.setattr("execution.services.claims.LEASES_PER_POLL_MAX", 1)
    assert [one["order_id"] for one in ea.poll()["orders"]] == [str(leaving.id)]
    assert (state(waiting), state(entry)) == ("staged", "staged")


def test_an_executor_that_cannot_read_it_is_never_handed_one_and_people_are_told(clock):
    clock.set(now())
    ea = Scripted(desk_make(), boot_nonce="first")
    ea.hello(api_minor=2)
    entry = rests(ea)
    order = amend(ea, sl="1.08700")
    assert ea.poll()["orders"] == []
    later(clock, 61)
    assert kinds_open() == {"risk.stands"}
    assert "it needs an executor of minor 3; the account's reads 2" in Incident.objects.get().note
    ea.says("cancelled", entry)
    later(clock, 31)
    order.refresh_from_db()
    assert (order.state, order.reason) == ("cancelled", "entry_is_over")
    later(clock, 2)
    assert kinds_open() == set()


def test_it_is_done_by_what_the_heartbeat_shows_and_not_by_the_report(ea, clock):
    entry = rests(ea)
    order = ea.takes(amend(ea, limit_price="1.09200", sl="1.08800"))
    ea.says("done", order, retcode=10009)
    ea.beat(pendings=[shown(entry)])
    later(clock, 29)
    assert Order.objects.filter(attempt=2).count() == 0
    later(clock, 2)
    again = Order.objects.get(attempt=2)
    assert (again.target_order_id, again.decision_id) == (entry.id, order.decision_id)
    assert (again.limit_price, again.sl) == (order.limit_price, order.sl)
    assert kinds_open() == {"risk.stands"}
    ea.says("done", ea.takes(again), retcode=10025)
    ea.beat(pendings=[shown(entry, price="1.092", sl="1.088")])
    later(clock, 120)
    assert (Order.objects.filter(attempt=3).count(), kinds_open()) == (0, set())


def test_one_that_is_shown_is_never_asked_again(ea, clock):
    entry = rests(ea)
    order = ea.takes(amend(ea, sl="1.08800"))
    ea.says("done", order, retcode=10009)
    ea.beat(pendings=[shown(entry, sl="1.088")])
    later(clock, 600)
    assert Order.objects.filter(attempt=2).count() == 0


def test_a_refused_one_is_an_incident_at_once_and_asked_again(ea, clock):
    entry = rests(ea)
    order = ea.takes(amend(ea, sl="1.08800"))
    ea.says("rejected", order, retcode=10016, message="no")
    assert kinds_open() == {"risk.stands"}
    assert Incident.objects.get().subject == f"execution.order:{entry.id}"
    later(clock, 3)
    again = ea.takes(Order.objects.get(attempt=2))
    ea.says("done", again, retcode=10009)
    ea.beat(pendings=[shown(entry, sl="1.088")])
    later(clock, 1)
    assert kinds_open() == set()


def test_only_the_newest_is_asked_again(ea, clock):
    entry = rests(ea)
    first = ea.takes(amend(ea, limit_price="1.09200", sl="1.08750"))
    second = ea.takes(amend(ea, sl="1.08800"))
    assert second.limit_price == Decimal("1.092")
    ea.says("rejected", first, retcode=10015)
    ea.says("done", second, retcode=10009)
    ea.beat(pendings=[shown(entry, price="1.092", sl="1.088")])
    later(clock, 61)
    assert Order.objects.filter(attempt=2).count() == 0


def test_one_decision_amends_two_entries_of_a_trade(ea):
    entries = [rests(ea), rests(ea, limit_price="1.08900", sl="1.08400")]
    made = ea.desk.decide_and_stage("amend", side="buy", trade_ref="t1", tp="1.12000")
    assert [one.target_order_id for one in made] == [one.id for one in entries]
    assert {one.state for one in made} == {"staged"}
    assert len(ea.poll()["orders"]) == 2


def test_a_refusal_of_one_does_not_hide_the_other(ea):
    rests(ea)
    rests(ea, limit_price="1.08900", sl="1.08800")
    made = ea.desk.decide_and_stage("amend", side="buy", trade_ref="t1", sl="1.08700")
    assert [one.reason for one in made] == ["", "amend_widens_stop"]


def two_named(ea):
    first = rests(ea, sender_id="e1")
    second = rests(ea, sender_id="e2", limit_price="1.08900", sl="1.08400")
    return first, second


def test_the_id_of_an_entry_amends_that_one_alone(ea):
    _, second = two_named(ea)
    (order,) = ea.desk.decide_and_stage(
        "amend", side="buy", trade_ref="t1", ref_id="e2", tp="1.12000"
    )
    assert order.target_order_id == second.id


@pytest.mark.parametrize("trade_ref", ["t1", ""])
def test_the_id_of_an_entry_cancels_that_one_alone(ea, trade_ref):
    first, second = two_named(ea)
    ea.desk.decide_and_stage("cancel", side="any", trade_ref=trade_ref, ref_id="e1")
    assert (state(first), state(second)) == ("cancel_requested", "working")
    (desired,) = ea.poll()["desired"]
    assert (desired["command"], desired["order_id"]) == ("cancel", str(first.id))


def test_a_cancel_of_an_entry_that_was_filled_takes_no_other_back(ea):
    first, second = two_named(ea)
    ea.deals(first, price="1.09000")
    (order,) = ea.desk.decide_and_stage("cancel", side="any", ref_id="e1")
    assert (order.reason, state(second)) == ("nothing_to_cancel", "working")


def test_a_later_entry_of_the_trade_is_not_closed_by_the_cancel_of_one(ea):
    two_named(ea)
    ea.desk.decide_and_stage("cancel", side="any", trade_ref="t1", ref_id="e1")
    third = ea.desk.stage(trade_ref="t1", order_type="limit", limit_price="1.08800", sl="1.08300")
    assert third.state == "staged"


@pytest.mark.parametrize(
    "fields",
    [
        {"limit_price": "1.09200"},
        {"sl": "1.08000"},
        {"sl": Target("remove")},
        {"limit_price": "1.09200", "sl": "1.08600"},
        {"sl": Target("points", Decimal(600))},
    ],
)
def test_more_risk_is_refused(ea, fields):
    rests(ea)
    assert amend(ea, **fields).reason == "amend_widens_stop"


@pytest.mark.parametrize(
    "fields",
    [
        {"limit_price": "1.09200", "sl": "1.08700"},
        {"limit_price": "1.08800"},
        {"sl": "1.08700"},
        {"tp": Target("remove")},
    ],
)
def test_no_more_risk_passes(ea, fields):
    rests(ea, tp="1.12000")
    assert amend(ea, **fields).state == "staged"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"limit_price": "1.10100", "sl": "1.09800"}, "price_on_wrong_side"),
        ({"stop_price": "1.09900"}, "order_lacks_that_price"),
        ({"sl": "1.09100"}, "stop_on_wrong_side"),
        ({"limit_price": "1.08800", "ref_price": "0.5"}, "price_too_far"),
    ],
)
def test_a_price_that_cannot_be_is_refused(ea, fields, reason):
    rests(ea)
    assert amend(ea, **fields).reason == reason


def test_where_nothing_rests_there_is_no_price_to_amend(ea):
    ea.opens(trade_ref="t1")
    assert amend(ea, limit_price="1.09200").reason == "no_resting_order"


def test_a_stop_order_is_amended_by_its_stop_price(ea):
    entry = rests(ea, order_type="stop", limit_price=None, stop_price="1.11000", sl="1.10500")
    order = amend(ea, stop_price="1.10800", sl="1.10400")
    assert (order.stop_price, order.limit_price, order.order_type) == (
        Decimal("1.108"),
        None,
        "stop",
    )
    ea.says("done", ea.takes(order), retcode=10009)
    ea.beat(pendings=[shown(entry, price="1.108", sl="1.104")])
    periodic_run("execution.ask_again")
    assert kinds_open() == set()


def test_no_switch_holds_up_a_tighter_stop_and_each_holds_up_another_price(ea):
    rests(ea)
    stop(account_target(ea.desk.account.id), REDUCING)
    assert amend(ea, limit_price="1.08800").reason == "account_stopped"
    assert amend(ea, sl="1.08800").state == "staged"


def test_halted_takes_the_entry_back_and_the_amend_with_it(ea, clock):
    entry = rests(ea)
    order = amend(ea, sl="1.08800")
    stop(account_target(ea.desk.account.id), HALTED)
    answer = ea.poll()
    assert {one["command"] for one in answer["desired"]} == {"cancel", "kill"}
    ea.says("cancelled", entry)
    later(clock, 31)
    assert state(order) in ("cancelled", "leased")


def test_an_entry_that_fills_before_its_amend_gives_it_to_the_position(ea):
    entry = rests(ea)
    amend(ea, sl="1.08800")
    ea.deals(entry, price="1.09000", position_ticket="77")
    (told,) = ea.poll()["orders"]
    assert (told["position_ticket"], told["sl"], told["target_order_id"]) == ("77", "1.088", "0")
    assert Order.objects.get(target_order=entry).state == "cancelled"
    assert Position.objects.get().sl == Decimal("1.085")


def test_a_market_order_on_its_way_gives_its_amend_to_the_position(ea):
    entry = ea.takes(ea.desk.stage(trade_ref="t1"))
    order = amend(ea, sl="1.09700", ref_price="1.10000")
    assert ea.poll()["orders"] == []
    ea.deals(entry, position_ticket="77")
    (told,) = ea.poll()["orders"]
    assert (told["event"], told["position_ticket"], told["sl"]) == ("amend", "77", "1.097")
    assert state(order) == "cancelled"


def test_a_position_is_born_with_the_stop_that_its_entry_was_given(ea, clock):
    entry = rests(ea)
    order = ea.takes(amend(ea, limit_price="1.08800", sl="1.08400"))
    ea.says("done", order, retcode=10009)
    ea.deals(entry, price="1.08800", position_ticket="77")
    assert Position.objects.get().sl == Decimal("1.084")
    ea.beat()
    periodic_run("execution.reconcile")
    later(clock, 60)
    assert (kinds_open(), is_halted(ea.desk)) == (set(), False)
    assert Order.objects.filter(position_ticket=77, verb="amend").count() == 0


def test_a_fill_at_the_amended_limit_is_no_fault(ea):
    entry = rests(ea)
    ea.takes(amend(ea, limit_price="1.09200", sl="1.08800"))
    ea.deals(entry, price="1.09200")
    assert (state(entry), is_halted(ea.desk)) == ("filled", False)


def test_a_fill_beyond_every_limit_that_it_had_is_one(ea):
    entry = rests(ea)
    ea.takes(amend(ea, limit_price="1.09200", sl="1.08800"))
    ea.deals(entry, price="1.09300")
    assert (state(entry), is_halted(ea.desk)) == ("filled", True)


def test_without_a_quote_no_price_is_moved(ea):
    rests(ea)
    Quote.objects.update(bid=2, ask=1)
    assert amend(ea, limit_price="1.08800").reason == "no_quote"
    quote_tell(ea.desk.account, "1.10000", "1.10000")
    assert amend(ea, limit_price="1.08800").state == "staged"
