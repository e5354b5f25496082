"""Order numbers are magic numbers at the broker: none comes twice, also after a restore."""

import os
import subprocess
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from execution.models import BrokerAccount, Order, OrderPlace
from execution.services.staging import decision_stage
from fusion_project.local.servers.pg_install import bin_folder_find
from signals.models import Strategy
from tests import database
from tests.builders.execution import decision_make, desk_make


@pytest.fixture
def names(django_db_setup, django_db_blocker) -> Iterator[list[str]]:
    """Databases that are dropped at the end."""
    made: list[str] = []
    with django_db_blocker.unblock():
        yield made
        for name in made:
            database.clone_drop(name)


def restored(name: str) -> str:
    """A database of the same server, made from a dump of this one."""
    url = os.environ["FUSION_TEST_SUPERUSER_URL"].rpartition("/")[0]
    dump = subprocess.run(
        [bin_folder_find() / "pg_dump", f"--dbname={url}/{name}"], capture_output=True, check=True
    ).stdout
    other = database.empty_create()
    psql = [bin_folder_find() / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", f"{url}/{other}"]
    subprocess.run(psql, input=dump, stdout=subprocess.DEVNULL, check=True)
    return other


def stage() -> Order:
    (order,) = decision_stage(decision_id=decision_make(Strategy.objects.get()).id)
    return order


def test_after_a_restore_no_number_comes_again(names):
    names.append(database.clone_create())
    with database.pointed_at(names[0]):
        desk_make()
        kept = stage()
        names.append(restored(names[0]))
        lost = {stage().id for _ in range(20)}
        assert OrderPlace.objects.count() == 1
    assert min(lost) > kept.id
    with database.pointed_at(names[1]):
        assert BrokerAccount.objects.count() == 1
        after = [stage().id for _ in range(20)]
        assert OrderPlace.objects.count() == 2
    assert after == sorted(after)
    assert min(after) > max(lost)
    assert max(after) < 2**52


def test_numbers_that_are_not_restored_go_up_by_one(committed_db):
    desk = desk_make()
    first = desk.stage()
    assert desk.stage().id == first.id + 1


@pytest.mark.django_db
def test_an_attempt_follows_one_that_is_over():
    desk = desk_make()
    desk.opened()
    order = desk.stage("exit", side="sell")
    fields = {field.attname: getattr(order, field.attname) for field in Order._meta.fields}

    def again(attempt: int) -> None:
        with transaction.atomic():
            Order.objects.create(**{**fields, "id": None, "attempt": attempt})

    for attempt in (1, 2, 3):
        with pytest.raises(IntegrityError):
            again(attempt)
    desk.leased(order)
    desk.report("rejected", order)
    with pytest.raises(IntegrityError):
        again(3)
    again(2)
