"""What an entry says beside its price, from the decision to the executor."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from execution.answers import poll_answer
from execution.models import BrokerAccount, Order, Position, Subscription
from execution.services.leases import order_expire_due
from execution.wire import answer_plain
from fusion_project.events.clock import now
from signals.intents.legs import Target
from tests.builders.execution import desk_make
from tests.builders.people import staff_make
from tests.builders.risk import shown_to
from tests.database import owner_writes

pytestmark = pytest.mark.django_db
POINTS = {"sl": Target("points", Decimal(500)), "tp": Target("percent", Decimal(1))}


@pytest.fixture
def desk():
    return desk_make()


def reads_minor_1(desk):
    BrokerAccount.objects.filter(id=desk.account.id).update(
        instance=desk.instance, instance_nonce="first", instance_minor=1
    )


def handed(desk):
    (order,) = answer_plain(poll_answer(desk.poll(boot_nonce="first")))["orders"]
    return order


def test_a_distance_is_told_as_one_and_never_beside_a_price(desk):
    reads_minor_1(desk)
    desk.stage(**POINTS)
    told = handed(desk)
    assert (told["sl"], told["tp"], told["needs_minor"]) == (None, None, 1)
    assert told["sl_distance"] == {"unit": "points", "value": "500"}
    assert told["tp_distance"] == {"unit": "percent", "value": "1"}


def test_an_old_executor_is_never_handed_a_stop_that_it_cannot_read(desk, clock):
    order = desk.stage(**POINTS)
    assert order.needs_minor == 1
    assert desk.poll().orders == []
    clock.advance(seconds=61)
    order_expire_due()
    order.refresh_from_db()
    assert (order.state, order.reason) == ("expired", "too_late")
    assert order.message == "needs an executor of minor 1; the account's reads 0"


def test_the_position_has_its_stop_from_the_fill(desk):
    reads_minor_1(desk)
    order = desk.stage(**POINTS)
    desk.poll(boot_nonce="first")
    desk.report("ack", order)
    deal = desk.deal(order, price=Decimal("1.10200"))
    position = Position.objects.get(position_ticket=deal.position_ticket)
    assert position.sl == Decimal("1.09700")
    assert position.tp == Decimal("1.11302")


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_at_once_or_not_at_all_goes_with_a_market_order(desk, tif):
    reads_minor_1(desk)
    desk.stage(tif=tif)
    assert handed(desk)["tif"] == tif


def test_a_resting_order_carries_its_end_to_the_broker(desk):
    reads_minor_1(desk)
    until = now() + timedelta(hours=3)
    desk.stage(order_type="limit", limit_price="1.09000", tif="gtd", good_until=until)
    told = handed(desk)
    assert told["tif"] == "gtd"
    assert told["good_until"].startswith(until.strftime("%Y-%m-%dT%H:%M:%S"))


def test_what_lives_by_the_day_means_nothing_to_a_market_order(desk):
    order = desk.stage(tif="day")
    assert (order.tif, order.needs_minor) == ("", 0)
    assert len(desk.poll().orders) == 1


def test_the_accounts_bounds_go_with_each_entry(desk, capsys):
    bounds = ("--deviation", "20", "--spread-max", "0", "--as", staff_make("ops").get_username())
    call_command("subscription", "add", desk.strategy.slug, desk.account.login, *bounds)
    assert "deviation at most 20 points, spread at most 0 points" in capsys.readouterr().out
    assert Subscription.objects.get().spread_points_max == 0
    reads_minor_1(desk)
    desk.stage()
    told = handed(desk)
    assert (told["deviation_points"], told["spread_points_max"]) == (20, 0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tif", "day"),
        ("sl_distance", Decimal(1)),
        ("sl_unit", "pips"),
        ("deviation_points", 5),
        ("spread_points_max", 9),
        ("good_until", "2030-01-01T00:00:00Z"),
    ],
)
def test_no_term_changes_once_it_is_staged(desk, column, value):
    order = desk.stage(**POINTS)
    with (
        owner_writes(),
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
    ):
        Order.objects.filter(id=order.id).update(**{column: value})


@pytest.mark.parametrize(
    ("terms", "constraint"),
    [
        ({"needs_minor": 0}, "order_minor_is_told"),
        ({"tif": "week"}, "order_tif_known"),
        ({"tif": "gtd"}, "order_good_until_is_gtd"),
        ({"tif": "fok", "order_type": "limit"}, "order_tif_may_rest"),
        ({"sl_unit": ""}, "order_sl_distance_has_unit"),
        ({"tp_distance": Decimal(-1)}, "order_tp_distance_has_unit"),
    ],
)
def test_the_table_refuses_terms_that_cannot_be(desk, terms, constraint):
    like, decision = desk.stage(**POINTS), desk.decide()
    own = {"trace_id": decision.trace_id, "valid_until": decision.valid_until}
    skipped = {"id", "decision", *own}
    values = {
        field.name: getattr(like, field.name)
        for field in Order._meta.concrete_fields
        if field.name not in skipped
    }
    shown_to(like.account, decision, like.volume_lots)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Order.objects.create(**{**values, **own, "decision": decision, **terms})
