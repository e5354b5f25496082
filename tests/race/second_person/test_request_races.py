"""Two people at once: one confirmation, one effect."""

import pytest

from fusion_project.events.models import Event
from fusion_project.events.work import handler_work_off
from fusion_project.incidents.models import Incident
from fusion_project.second_person.errors import RequestEnded, RequestOpen
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import (
    request_carry_out,
    request_confirm,
    request_withdraw,
)
from tests.builders.pages import staff_make

pytestmark = pytest.mark.usefixtures("committed_db")
ROUNDS = 20


@pytest.fixture
def people(committed_db):
    return [f"user:{staff_make('ops').pk}" for _ in range(4)]


def test_of_many_confirmations_at_once_one_counts_and_has_one_effect(probe, people, in_threads):
    request = probe.ask()

    def work(number):
        request_confirm(
            request_id=request.pk, payload_sha256=request.payload_sha256, actor=people[number]
        )
        return "confirmed"

    results = in_threads(4, work)
    assert results.count("confirmed") == 1
    assert sum(isinstance(one, RequestEnded) for one in results) == 3
    in_threads(4, lambda _: handler_work_off("second_person.carry_out"))
    assert Incident.objects.filter(kind="effect").count() == 1
    assert Event.objects.filter(name="request.confirmed").count() == 1


def test_carried_out_by_many_at_once_it_is_done_once(probe, people, in_threads):
    request = probe.ask()
    request_confirm(request_id=request.pk, payload_sha256=request.payload_sha256, actor=people[0])
    by = "handler:second_person.carry_out"
    done = in_threads(6, lambda _: request_carry_out(request_id=request.pk, actor=by))
    assert sorted(done) == [False] * 5 + [True]
    assert Incident.objects.filter(kind="effect").count() == 1


def test_confirmed_or_withdrawn_never_both(probe, people, in_threads):
    requests = [probe.ask(number) for number in range(ROUNDS)]

    def work(number):
        for one in requests:
            try:
                if number % 2:
                    request_withdraw(request_id=one.pk, actor=people[number])
                else:
                    request_confirm(
                        request_id=one.pk, payload_sha256=one.payload_sha256, actor=people[number]
                    )
                    request_carry_out(request_id=one.pk, actor="handler:second_person.carry_out")
            except RequestEnded:
                continue

    in_threads(4, work)
    done = Request.objects.filter(state="done").count()
    assert done + Request.objects.filter(state="withdrawn").count() == ROUNDS
    assert Incident.objects.filter(kind="effect").count() == done


def test_asked_by_many_at_once_it_waits_once(probe, in_threads):
    results = in_threads(4, lambda _: probe.ask())
    assert sum(isinstance(one, RequestOpen) for one in results) == 3
    assert Request.objects.count() == 1
