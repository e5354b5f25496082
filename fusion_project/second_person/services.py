"""Asking, confirming, withdrawing, lapsing, and carrying out once what two people want.

Each move is a conditional update; the table refuses the same (`sql/requests.sql`).
"""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from fusion_project.errors import DomainError
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.errors import (
    OwnRequest,
    ReasonMissing,
    RequestChanged,
    RequestEnded,
    RequestNotFound,
    RequestOpen,
)
from fusion_project.second_person.kinds import kind_of
from fusion_project.second_person.models import COOL_OFF, COOL_OFF_PAUSE, Payload, Request
from fusion_project.second_person.people import person_check
from fusion_project.second_person.states import (
    ASKED,
    CONFIRMED,
    DONE,
    LAPSED,
    OPEN,
    REFUSED,
    WITHDRAWN,
)
from fusion_project.text.canonical import canonical_json, canonical_sha256

LAPSES_AFTER = dt.timedelta(hours=24)
REASON_LENGTH_MAX = 500
OUTCOME_LENGTH_MAX = 500


@transaction.atomic
def request_ask(*, kind: str, subject: str, payload: Payload, reason: str, actor: str) -> Request:
    """Ask for something that needs a second person; it lapses after a day.

    `payload` is stored as canonical JSON. Raises RequestKindUnknown, PersonUnknown, ReasonMissing,
    RequestOpen, and what the kind's own check refuses.
    """
    about = kind_of(kind)
    person_check(actor)
    if not reason.strip():
        raise ReasonMissing("Say why it is wanted.")
    about.check(payload)
    moment = now()
    request = Request(
        kind=kind,
        subject=subject,
        trace_id=uuid4().hex,
        payload=canonical_json(payload),
        payload_sha256=canonical_sha256(payload),
        words=about.describe(payload),
        reason=reason.strip()[:REASON_LENGTH_MAX],
        requester=actor,
        rule=settings.SECOND_PERSON,
        asked_at=moment,
        lapses_at=moment + LAPSES_AFTER,
    )
    _insert(request)
    _record(names.REQUEST_ASKED, request, actor)
    return request


@transaction.atomic
def request_confirm(*, request_id: int, payload_sha256: str, actor: str) -> Request:
    """Confirm what was shown; a handler then carries it out, once.

    Raises RequestNotFound, PersonUnknown, RequestChanged, RequestEnded, OwnRequest.
    """
    person_check(actor)
    request, moment = request_get(request_id), now()
    if request.payload_sha256 != payload_sha256:
        raise RequestChanged(request_id=request_id)
    _check_waits(request, moment)
    if request.requester == actor:
        _check_cooled_off(request, moment)
    waiting = Request.objects.filter(id=request_id, state=ASKED, lapses_at__gt=moment)
    if waiting.update(state=CONFIRMED, confirmed_by=actor, confirmed_at=moment) != 1:
        raise RequestEnded(request_id=request_id)
    request.refresh_from_db()
    _record(names.REQUEST_CONFIRMED, request, actor)
    return request


@transaction.atomic
def request_withdraw(*, request_id: int, actor: str, reason: str = "") -> Request:
    """End a request that is not carried out; any member of the staff may. Raises RequestEnded."""
    person_check(actor)
    request = request_get(request_id)
    if not _end(request, WITHDRAWN, names.REQUEST_WITHDRAWN, actor, reason.strip()):
        raise RequestEnded(f"Request {request_id} is {request.state} already.")
    return request


def request_lapse_due() -> int:
    """End requests whose time is over; return how many."""
    late = Request.objects.filter(state__in=OPEN, lapses_at__lte=now())
    return sum(_lapse(request_id) for request_id in late.values_list("id", flat=True))


@transaction.atomic
def request_carry_out(*, request_id: int, actor: str) -> bool:
    """Do what was confirmed, or keep why its kind refuses it now; True where it was done here.

    Effect and end commit together under the request's row lock, so that it is done once.
    """
    request = _confirmed_lock(request_id)
    if request is None:
        return False
    about = kind_of(request.kind)
    if about.carry_out is None:
        return False
    try:
        with transaction.atomic():
            about.check(request.asked_for)
            outcome = about.carry_out(request.asked_for, request)
    except DomainError as refused:
        _end(request, REFUSED, names.REQUEST_REFUSED, actor, str(refused))
        return False
    return _end(request, DONE, names.REQUEST_DONE, actor, outcome)


def request_collect(*, request_id: int, kind: str, actor: str) -> Request:
    """Hold a confirmed request for whoever asked, to carry it out in this transaction.

    Call `request_collected` once it is done. Raises RequestNotFound, RequestChanged (of another
    kind), OwnRequest (asked by another), RequestEnded, and what the kind's check refuses.
    """
    request = request_get(request_id)
    if request.kind != kind:
        raise RequestChanged(f"Request {request_id} asks for something else: {request.words}")
    if request.requester != actor:
        raise OwnRequest(f"Only who asked for it collects request {request_id}.")
    locked = _confirmed_lock(request_id)
    if locked is None:
        word = "waits for its second person" if request.state == ASKED else f"is {request.state}"
        raise RequestEnded(f"Request {request_id} {word}.", request_id=request_id)
    kind_of(kind).check(locked.asked_for)
    return locked


def request_collected(*, request: Request, outcome: str) -> None:
    """Mark a collected request done."""
    if not _end(request, DONE, names.REQUEST_DONE, request.requester, outcome):
        raise RequestEnded(request_id=request.pk)


def request_get(request_id: int) -> Request:
    """Return the request or raise RequestNotFound."""
    request = Request.objects.filter(id=request_id).first()
    if request is None:
        raise RequestNotFound(f"There is no request {request_id}.", request_id=request_id)
    return request


def cooled_off_at(request: Request) -> dt.datetime | None:
    """From when on whoever asked may confirm it too; None where only another may."""
    if (request.rule, settings.SECOND_PERSON) != (COOL_OFF, COOL_OFF):
        return None
    return request.asked_at + COOL_OFF_PAUSE


def _check_waits(request: Request, moment: dt.datetime) -> None:
    if request.state != ASKED:
        raise RequestEnded(f"Request {request.pk} is {request.state} already.")
    if request.lapses_at <= moment:
        raise RequestEnded(f"Request {request.pk} has lapsed; ask again.")


def _check_cooled_off(request: Request, moment: dt.datetime) -> None:
    since = cooled_off_at(request)
    if since is None:
        raise OwnRequest("Another person confirms what you asked for.")
    if moment < since:
        raise OwnRequest(f"You may confirm it yourself from {since:%H:%M:%S} UTC on.")


def _confirmed_lock(request_id: int) -> Request | None:
    rows = Request.objects.select_for_update(no_key=True)
    return rows.filter(id=request_id, state=CONFIRMED, lapses_at__gt=now()).first()


@transaction.atomic
def _lapse(request_id: int) -> bool:
    request = request_get(request_id)
    return _end(request, LAPSED, names.REQUEST_LAPSED, "system", "nobody carried it out in time")


def _end(request: Request, state: str, name: str, actor: str, outcome: str) -> bool:
    """Move to one of the ends; False where it has ended before."""
    sources = (CONFIRMED,) if state in (DONE, REFUSED) else OPEN
    changed = Request.objects.filter(id=request.pk, state__in=sources).update(
        state=state, ended_at=now(), ended_by=actor, outcome=outcome[:OUTCOME_LENGTH_MAX]
    )
    request.refresh_from_db()
    if changed:
        _record(name, request, actor)
    return changed == 1


def _insert(request: Request) -> None:
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        if "second_person_asked_once" not in str(error):
            raise
        raise RequestOpen("The same is asked for already and waits to be confirmed.") from error


def _record(name: str, request: Request, actor: str) -> None:
    record(
        name,
        subject=subject_of(Request, request.pk),
        trace_id=request.trace_id,
        actor=actor,
        detail={
            "kind": request.kind,
            "about": request.subject,
            "payload_sha256": request.payload_sha256,
            "words": request.words,
            "reason": request.reason,
            "outcome": request.outcome,
        },
    )
