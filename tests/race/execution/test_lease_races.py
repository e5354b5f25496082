"""Many pollers, one queue."""

from collections import Counter

import pytest

from execution.errors import InstanceConflict
from execution.models import Order
from execution.services.leases import lease_expire_all
from fusion_project.events.models import Event
from tests.builders.execution import account_set, desk_make
from tests.builders.switches import account_halt

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def desk(committed_db):
    made = desk_make()
    account_set(made.account, entries_per_minute_max=1000, open_lots_max=1000)
    return made


def test_eight_pollers_lease_forty_orders_once_each(desk, in_threads):
    orders = [desk.stage(lots="0.01").id for _ in range(40)]

    def work(_):
        return [one for _ in range(6) for one in desk.poll().new_ids]

    taken = Counter(one for found in in_threads(8, work) for one in found)
    assert taken == Counter(orders)
    assert set(Order.objects.values_list("fence", flat=True)) == {1}
    assert Event.objects.filter(name="order.leased").count() == 40


def test_of_two_instances_with_one_key_only_one_gets_orders(desk, in_threads):
    for _ in range(10):
        desk.stage(lots="0.01")

    def work(number):
        return desk.poll(instance=f"ea-{number}").new_ids

    results = in_threads(2, work)
    refused = [one for one in results if isinstance(one, InstanceConflict)]
    served = [one for one in results if isinstance(one, frozenset)]
    assert (len(refused), len(served)) == (1, 1)
    assert len(served[0]) == 10


def test_a_lease_ends_once_however_many_look(desk, in_threads, clock):
    desk.leased()
    clock.advance(seconds=11)
    assert sum(in_threads(6, lambda _: lease_expire_all())) == 1
    assert Event.objects.filter(name="order.unknown").count() == 1


def test_after_the_halt_is_committed_no_entry_is_leased(desk, in_threads):
    for _ in range(30):
        desk.stage(lots="0.01")

    def work(number):
        if number == 0:
            account_halt(desk.account.id)
            return frozenset()
        return desk.poll().new_ids

    in_threads(5, work)
    halted = Event.objects.get(name="switch.changed").id
    assert not Event.objects.filter(name="order.leased", id__gt=halted).exists()
    assert desk.poll().new_ids == frozenset()


def test_of_a_restart_and_a_copy_only_one_gets_orders(desk, in_threads, clock):
    desk.poll(boot_nonce="killed")
    clock.advance(seconds=16)
    for _ in range(10):
        desk.stage(lots="0.01")

    def work(number):
        return desk.poll(boot_nonce=f"boot-{number}").new_ids

    results = in_threads(4, work)
    refused = [one for one in results if isinstance(one, InstanceConflict)]
    served = [one for one in results if isinstance(one, frozenset)]
    assert (len(refused), len(served)) == (3, 1)
    assert len(served[0]) == 10
