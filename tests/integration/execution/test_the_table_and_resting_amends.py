"""Amends of entries that wait: what the table refuses where no service does."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from execution.models import BrokerAccount, Order
from execution.rules.switches import REDUCING, account_target
from tests.builders.execution import desk_make
from tests.builders.risk import quote_tell
from tests.builders.switches import stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = desk_make()
    BrokerAccount.objects.filter(id=made.account.id).update(
        instance=made.instance, instance_nonce="first", instance_minor=3
    )
    quote_tell(made.account, "1.10000", "1.10000")
    return made


@pytest.fixture
def entry(desk):
    order = desk.stage(order_type="limit", limit_price="1.09000", sl="1.08500", trade_ref="t1")
    desk.poll(boot_nonce="first")
    desk.report("working", order)
    order.refresh_from_db()
    return order


def values_of(entry, decision, **changes):
    kept = ("account", "strategy", "instrument", "broker_symbol", "trace_id", "trade_ref", "side")
    return {
        **{name: getattr(entry, name) for name in (*kept, "order_type", "limit_price", "sl")},
        "decision": decision,
        "verb": "amend",
        "volume_lots": 0,
        "target_order": entry,
        "needs_minor": 3,
        "staged_at": entry.staged_at,
        **changes,
    }


def written(desk, entry, **changes):
    decision = desk.decide("amend", side="buy", trade_ref="t1", sl="1.08700")
    with transaction.atomic():
        return Order.objects.create(**values_of(entry, decision, **changes))


def test_what_the_service_writes_passes(desk, entry):
    assert written(desk, entry, sl=Decimal("1.087")).state == "staged"


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"sl": Decimal("1.084")}, "order_passes_the_rules"),
        ({"sl": None}, "order_passes_the_rules"),
        ({"limit_price": Decimal("1.092")}, "order_passes_the_rules"),
        ({"sl": Decimal("1.091")}, "order_passes_the_rules"),
        ({"needs_minor": 2}, "order_minor_is_told"),
        ({"position_ticket": 5}, "order_asks_what_was_decided"),
        ({"volume_lots": 1}, "order_asks_what_was_decided"),
        ({"side": "sell"}, "order_asks_what_was_decided"),
        ({"order_type": "stop"}, "order_asks_what_was_decided"),
        ({"limit_price": None}, "order_asks_what_was_decided"),
        ({"instrument": "GBPUSD"}, "order_asks_what_was_decided"),
        ({"verb": "exit"}, "order_asks_what_was_decided"),
    ],
)
def test_the_table_refuses_what_cannot_be_asked(desk, entry, changes, constraint):
    with pytest.raises(IntegrityError) as refused:
        written(desk, entry, **changes)
    assert refused.value.__cause__.diag.constraint_name == constraint


def test_the_table_refuses_another_price_where_entries_are_stopped(desk, entry):
    stop(account_target(desk.account.id), REDUCING)
    with pytest.raises(IntegrityError, match="account_stopped"):
        written(desk, entry, limit_price=Decimal("1.088"))
    assert written(desk, entry, sl=Decimal("1.087")).state == "staged"


def test_the_table_refuses_an_amend_of_what_is_over(desk, entry):
    desk.report("cancelled", entry)
    with pytest.raises(IntegrityError, match="more than was decided"):
        written(desk, entry, sl=Decimal("1.087"))


def test_the_table_hands_none_out_whose_entry_does_not_rest(desk):
    entry = desk.stage(order_type="limit", limit_price="1.09000", sl="1.08500", trade_ref="t1")
    order = written(desk, entry, sl=Decimal("1.087"))
    with (
        pytest.raises(IntegrityError, match="does not rest at the broker"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE execution_order SET state = 'leased', fence = 1, state_at = events_now(),"
            " lease_until = events_now() WHERE id = %s",
            [order.id],
        )


def test_two_amends_of_one_decision_are_told_apart_by_what_they_amend(desk, entry):
    decision = desk.decide("amend", side="buy", trade_ref="t1", sl="1.08700")
    values = values_of(entry, decision, sl=Decimal("1.087"))
    Order.objects.create(**values)
    with pytest.raises(IntegrityError, match="order_once_per_target"), transaction.atomic():
        Order.objects.create(**values)
