"""One run of one executor holds an account; its copies, restarts and lesser versions."""

import pytest
from django.db import IntegrityError, transaction

from execution.errors import InstanceConflict
from execution.models import BrokerAccount, Order
from execution.rules.messages import Program
from execution.services.instances import instance_conflict_report, instance_minor
from execution.services.sessions import executor_hello
from execution.wire import Hello
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.builders.risk import shown_to
from tests.database import owner_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def hello(desk, **fields):
    account = desk.account
    values = {
        "instance": desk.instance,
        "server": account.server,
        "login": account.login,
        "currency": account.currency,
        "margin_mode": account.margin_mode,
    }
    return executor_hello(caller=desk.caller, facts=Hello(**{**values, **fields}))


def refused(desk, boot_nonce):
    """Poll as another copy; return what it was told."""
    with pytest.raises(InstanceConflict) as caught, transaction.atomic():
        desk.poll(boot_nonce=boot_nonce)
    instance_conflict_report(caught.value)
    return caught.value


def contested():
    return Incident.objects.filter(kind="executor.contested").count()


def staged_for_minor_1(desk):
    """An order as staging writes it, which needs an executor of minor 1."""
    like = desk.stage()
    decision = desk.decide()
    skipped = {"id", "decision", "trace_id", "valid_until", "needs_minor"}
    values = {
        field.name: getattr(like, field.name)
        for field in Order._meta.concrete_fields
        if field.name not in skipped
    }
    shown_to(desk.account, decision, like.volume_lots)
    return Order.objects.create(
        **values,
        decision=decision,
        trace_id=decision.trace_id,
        valid_until=decision.valid_until,
        needs_minor=1,
    )


def test_a_copy_is_told_409_in_words_and_gets_nothing(desk, clock):
    desk.poll(boot_nonce="first")
    desk.stage()
    clock.advance(seconds=14)
    told = refused(desk, "second")
    assert told.status == 409
    assert "copy of ea-1" in str(told)
    assert "14 s ago" in str(told)
    assert len(desk.poll(boot_nonce="first").orders) == 1


def test_a_restart_waits_out_the_silence_and_takes_over_without_an_incident(desk, clock):
    desk.poll(boot_nonce="first")
    for _ in range(5):
        refused(desk, "second")
        clock.advance(seconds=3.1)
    desk.stage()
    assert len(desk.poll(boot_nonce="second").orders) == 1
    assert contested() == 0


def test_a_copy_beside_a_running_executor_opens_an_incident_after_15_seconds(desk, clock):
    for _ in range(5):
        desk.poll(boot_nonce="first")
        refused(desk, "second")
        clock.advance(seconds=3.1)
    assert contested() == 0
    desk.poll(boot_nonce="first")
    refused(desk, "second")
    assert contested() == 1


def test_another_instance_is_an_incident_at_once(desk):
    desk.poll()
    with pytest.raises(InstanceConflict) as caught, transaction.atomic():
        desk.poll(instance="ea-2")
    instance_conflict_report(caught.value)
    assert "ea-1 holds this account" in str(caught.value)
    assert contested() == 1


def test_a_copy_tells_no_reports_while_another_instance_may(desk, clock):
    desk.poll(boot_nonce="first")
    with pytest.raises(InstanceConflict):
        instance_minor(caller=desk.caller, program=Program("ea-1", "second"))
    assert instance_minor(caller=desk.caller, program=Program("ea-2", "x")) == 0
    clock.advance(seconds=16)
    assert instance_minor(caller=desk.caller, program=Program("ea-1", "second")) == 0


def test_an_executor_of_minor_0_still_works_and_is_never_handed_what_it_cannot_read(desk):
    beyond = staged_for_minor_1(desk)
    answer = hello(desk)
    assert {one.id for one in answer.orders} >= {beyond.id}
    readable = desk.stage()
    handed = {one.id for one in desk.poll().orders}
    assert readable.id in handed
    assert beyond.id not in handed
    beyond.refresh_from_db()
    assert (beyond.state, beyond.fence) == ("staged", 0)


def test_an_executor_that_told_minor_1_is_handed_it(desk):
    beyond = staged_for_minor_1(desk)
    hello(desk, api_minor=1, boot_nonce="first")
    assert beyond.id in {one.id for one in desk.poll(boot_nonce="first").orders}


@pytest.mark.parametrize("boot_nonce", ["", "second"])
def test_a_later_run_that_has_not_said_hello_counts_as_minor_0(desk, clock, boot_nonce):
    hello(desk, api_minor=1, boot_nonce="first")
    beyond = staged_for_minor_1(desk)
    clock.advance(seconds=16)
    desk.poll(boot_nonce=boot_nonce)
    beyond.refresh_from_db()
    assert beyond.state == "staged"


def test_without_a_boot_nonce_a_minor_cannot_be_kept(desk):
    hello(desk, api_minor=1)
    assert BrokerAccount.objects.get().instance_minor == 0


def test_a_lease_is_not_served_again_to_a_run_that_reads_less(desk, clock):
    hello(desk, api_minor=1, boot_nonce="first")
    beyond = staged_for_minor_1(desk)
    desk.poll(boot_nonce="first")
    clock.advance(seconds=9)
    BrokerAccount.objects.update(instance_seen_at=None, instance="")
    answer = desk.poll(boot_nonce="second")
    beyond.refresh_from_db()
    assert beyond.state == "leased"
    assert beyond.id not in {one.id for one in (*answer.orders, *answer.permitted)}


def test_the_database_leases_it_to_nobody_who_reads_less(desk, clock):
    beyond = staged_for_minor_1(desk)
    leased = {
        "state": "leased",
        "fence": 1,
        "lease_until": beyond.valid_until,
        "leased_at": beyond.staged_at,
    }
    with pytest.raises(IntegrityError, match="needs an executor of minor 1"), transaction.atomic():
        Order.objects.filter(id=beyond.id).update(**leased)
    hello(desk, api_minor=1, boot_nonce="first")
    assert Order.objects.filter(id=beyond.id).update(**leased) == 1


def test_what_it_needs_is_frozen(desk):
    beyond = staged_for_minor_1(desk)
    with (
        owner_writes(),
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
    ):
        Order.objects.filter(id=beyond.id).update(needs_minor=0)
