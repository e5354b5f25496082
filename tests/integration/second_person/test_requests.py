"""What two people must want: asked by one, confirmed by another, done once."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from fusion_project.second_person.errors import (
    OwnRequest,
    PersonUnknown,
    ReasonMissing,
    RequestChanged,
    RequestEnded,
    RequestKindUnknown,
    RequestNotFound,
    RequestOpen,
)
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import (
    request_ask,
    request_carry_out,
    request_collect,
    request_collected,
    request_confirm,
    request_lapse_due,
    request_withdraw,
)
from tests.builders.pages import staff_make
from tests.second_person_probe import COLLECTED

pytestmark = pytest.mark.django_db
BY = "handler:second_person.carry_out"


def confirm(request: Request, actor: str) -> Request:
    return request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=actor
    )


def effects() -> int:
    return Incident.objects.filter(kind="effect").count()


def test_what_another_person_confirms_is_done_once_and_told(probe, run_handlers):
    request = probe.ask()
    assert (request.state, effects()) == ("asked", 0)
    confirm(request, probe.ben)
    run_handlers()
    run_handlers()
    request.refresh_from_db()
    assert (request.state, request.outcome, effects()) == ("done", "done with 1", 1)
    told = Event.objects.filter(trace_id=request.trace_id).order_by("id")
    assert [one.name for one in told] == ["request.asked", "request.confirmed", "request.done"]
    assert [one.actor for one in told] == [probe.anna, probe.ben, BY]
    assert json.loads(told[0].detail)["reason"] == "wanted"


def test_carrying_out_again_does_nothing(probe, run_handlers):
    request = probe.ask()
    confirm(request, probe.ben)
    assert request_carry_out(request_id=request.pk, actor=BY)
    assert not request_carry_out(request_id=request.pk, actor=BY)
    assert effects() == 1


def test_what_nobody_confirmed_is_not_carried_out(probe):
    assert not request_carry_out(request_id=probe.ask().pk, actor=BY)
    assert effects() == 0


def test_who_asks_never_confirms(probe):
    request = probe.ask()
    with pytest.raises(OwnRequest, match="Another person"):
        confirm(request, probe.anna)
    assert Request.objects.get().state == "asked"


def test_the_table_refuses_the_requester_too(probe):
    request = probe.ask()
    with pytest.raises(IntegrityError, match="second_person_is_another"), transaction.atomic():
        Request.objects.filter(id=request.pk).update(
            state="confirmed", confirmed_by=probe.anna, confirmed_at=now()
        )


def test_who_asks_confirms_after_ten_minutes_where_one_person_runs_the_desk(
    probe, settings, clock, run_handlers
):
    settings.SECOND_PERSON = "cool_off"
    request = probe.ask()
    clock.advance(minutes=9, seconds=59)
    with pytest.raises(OwnRequest, match="from"):
        confirm(request, probe.anna)
    with pytest.raises(IntegrityError, match="second_person_is_another"), transaction.atomic():
        Request.objects.filter(id=request.pk).update(
            state="confirmed", confirmed_by=probe.anna, confirmed_at=now()
        )
    clock.advance(seconds=1)
    confirm(request, probe.anna)
    run_handlers()
    assert effects() == 1


def test_what_was_asked_under_one_rule_does_not_cool_off_under_another(probe, settings, clock):
    strict = probe.ask(1)
    settings.SECOND_PERSON = "cool_off"
    lenient = probe.ask(2)
    clock.advance(minutes=11)
    with pytest.raises(OwnRequest):
        confirm(strict, probe.anna)
    settings.SECOND_PERSON = "required"
    with pytest.raises(OwnRequest):
        confirm(lenient, probe.anna)


@pytest.mark.parametrize("asked_at", [dt.timedelta(minutes=-11), dt.timedelta(minutes=2)])
def test_the_table_refuses_a_request_of_another_time(probe, asked_at):
    request = probe.ask()
    request.pk, moment = None, now()
    request.asked_at, request.rule, request.subject = moment + asked_at, "cool_off", "other"
    with pytest.raises(IntegrityError, match="asked by a person, now"), transaction.atomic():
        request.save(force_insert=True)


def test_a_request_that_is_not_what_was_shown_is_not_confirmed(probe):
    request = probe.ask()
    with pytest.raises(RequestChanged):
        request_confirm(request_id=request.pk, payload_sha256="0" * 64, actor=probe.ben)


@pytest.mark.parametrize(
    "changes", [{"payload": '{"number":2}'}, {"words": "Nothing."}, {"requester": "user:999999"}]
)
def test_what_was_asked_is_never_changed(probe, changes):
    from tests.database import owner_writes

    request = probe.ask()
    refused = pytest.raises(IntegrityError, match=r"edge|stays|hashed")
    with refused, transaction.atomic(), owner_writes():
        Request.objects.filter(id=request.pk).update(
            state="confirmed", confirmed_by=probe.ben, confirmed_at=now(), **changes
        )


def test_a_payload_that_is_not_hashed_is_refused_by_the_table(probe):
    request = probe.ask()
    request.pk, request.payload = None, '{"number":7}'
    with pytest.raises(IntegrityError, match="payload_is_hashed"), transaction.atomic():
        request.save(force_insert=True)


def test_a_request_lapses_by_itself_and_cannot_be_confirmed_then(probe, clock):
    request = probe.ask()
    clock.advance(hours=24)
    with pytest.raises(RequestEnded, match="lapsed"):
        confirm(request, probe.ben)
    assert request_lapse_due() == 1
    assert request_lapse_due() == 0
    request.refresh_from_db()
    assert (request.state, request.ended_by) == ("lapsed", "system")


def test_the_table_refuses_to_confirm_what_has_lapsed(probe, clock):
    request = probe.ask()
    clock.advance(hours=25)
    with pytest.raises(IntegrityError, match="confirmed_in_time"), transaction.atomic():
        Request.objects.filter(id=request.pk).update(
            state="confirmed", confirmed_by=probe.ben, confirmed_at=now()
        )


def test_what_was_confirmed_but_not_carried_out_in_time_is_not_done_later(
    probe, clock, run_handlers
):
    request = probe.ask()
    confirm(request, probe.ben)
    clock.advance(hours=25)
    run_handlers()
    assert effects() == 0
    assert request_lapse_due() == 1


def test_a_withdrawn_request_is_over(probe):
    request = probe.ask()
    request_withdraw(request_id=request.pk, actor=probe.ben, reason="no")
    with pytest.raises(RequestEnded):
        confirm(request, probe.ben)
    with pytest.raises(RequestEnded):
        request_withdraw(request_id=request.pk, actor=probe.anna)
    assert Request.objects.get().outcome == "no"


def test_a_confirmed_one_is_not_confirmed_again(probe):
    request = probe.ask()
    confirm(request, probe.ben)
    with pytest.raises(RequestEnded):
        confirm(request, f"user:{staff_make('ops').pk}")


def test_nothing_is_asked_twice_at_once_but_again_after_it_ended(probe):
    request = probe.ask()
    with pytest.raises(RequestOpen):
        probe.ask()
    request_withdraw(request_id=request.pk, actor=probe.anna)
    assert probe.ask().state == "asked"


def test_an_unknown_kind_cannot_be_asked_for(probe):
    with pytest.raises(RequestKindUnknown, match=r"probe\.effect"):
        probe.ask(kind="probe.nothing")


def test_a_request_says_why(probe):
    with pytest.raises(ReasonMissing):
        probe.ask(reason="  ")


def test_the_kind_is_asked_when_it_is_requested_and_when_it_is_carried_out(probe, run_handlers):
    probe.refuses = "not like this"
    with pytest.raises(DomainError, match="not like this"):
        probe.ask()
    probe.refuses = ""
    request = probe.ask()
    confirm(request, probe.ben)
    probe.refuses = "the world has changed"
    run_handlers()
    request.refresh_from_db()
    assert (request.state, request.outcome, effects()) == ("refused", "the world has changed", 0)
    assert Event.objects.filter(name="request.refused").count() == 1


@pytest.mark.parametrize("who", ["system", "user:999999", "strategy:x"])
def test_only_staff_asks_and_confirms(probe, who):
    request = probe.ask()
    with pytest.raises(PersonUnknown):
        confirm(request, who)
    with pytest.raises(PersonUnknown):
        request_ask(kind="probe.effect", subject="s", payload={}, reason="x", actor=who)


def test_a_former_member_of_the_staff_confirms_nothing(probe):
    gone = staff_make("ops")
    request = probe.ask()
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(PersonUnknown):
        confirm(request, f"user:{gone.pk}")


def test_a_request_that_does_not_exist_is_said_so(probe):
    with pytest.raises(RequestNotFound):
        request_withdraw(request_id=1, actor=probe.anna)


def test_what_is_shown_once_is_collected_by_who_asked(probe, run_handlers):
    request = probe.ask(kind=COLLECTED)
    with pytest.raises(RequestEnded, match="waits for its second person"):
        request_collect(request_id=request.pk, kind=COLLECTED, actor=probe.anna)
    confirm(request, probe.ben)
    run_handlers()
    with pytest.raises(OwnRequest):
        request_collect(request_id=request.pk, kind=COLLECTED, actor=probe.ben)
    with pytest.raises(RequestChanged):
        request_collect(request_id=request.pk, kind="probe.effect", actor=probe.anna)
    with transaction.atomic():
        held = request_collect(request_id=request.pk, kind=COLLECTED, actor=probe.anna)
        request_collected(request=held, outcome="shown")
    with pytest.raises(RequestEnded), transaction.atomic():
        request_collect(request_id=request.pk, kind=COLLECTED, actor=probe.anna)


def test_nobody_deletes_a_request(probe):
    probe.ask()
    with pytest.raises(Exception, match=r"permission denied|delete"), transaction.atomic():
        Request.objects.all().delete()
