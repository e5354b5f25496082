"""An amend of entries that rest, staged by many at once while the broker fills them."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Order, Position
from execution.services.amends_followed import amends_follow
from execution.services.staging import decision_stage
from tests.builders.execution import desk_make
from tests.builders.risk import quote_tell

pytestmark = pytest.mark.usefixtures("committed_db")


def resting_make(desk, limit_price: str):
    order = desk.stage(order_type="limit", limit_price=limit_price, sl="1.08000", trade_ref="t1")
    desk.poll(boot_nonce="first")
    desk.report("working", order)
    return order


@pytest.fixture
def desk():
    made = desk_make()
    BrokerAccount.objects.filter(id=made.account.id).update(
        instance=made.instance, instance_nonce="first", instance_minor=3
    )
    quote_tell(made.account, "1.10000", "1.10000")
    return made


def test_eight_stagings_of_one_decision_make_one_order_for_each_entry(desk, in_threads) -> None:
    entries = [resting_make(desk, price) for price in ("1.09000", "1.08900")]
    decision = desk.decide("amend", side="buy", trade_ref="t1", sl="1.08500")
    outcomes = in_threads(8, lambda _: decision_stage(decision_id=decision.id))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    amends = Order.objects.filter(verb="amend")
    assert sorted(amends.values_list("target_order", flat=True)) == [one.id for one in entries]


def test_whoever_comes_first_the_tighter_stop_is_asked_of_the_position_once(
    desk, in_threads
) -> None:
    entry = resting_make(desk, "1.09000")
    decision = desk.decide("amend", side="buy", trade_ref="t1", sl="1.08500")

    def act(number: int) -> None:
        if number == 0:
            desk.deal(entry, price=Decimal("1.09000"))
        elif number % 2:
            decision_stage(decision_id=decision.id)
        else:
            amends_follow(entry_id=entry.id)

    outcomes = in_threads(6, act)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    amends_follow(entry_id=entry.id)
    position = Position.objects.get()
    asked = Order.objects.filter(position_ticket=position.position_ticket, verb="amend")
    assert asked.count() == 1
    assert not Order.objects.filter(target_order=entry, state="staged").exists()
