"""What two people want, as its confirmation leaves it, and carried out by the real services."""

import itertools
import json
from typing import Any

from fusion_project.events.clock import now
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from fusion_project.text.canonical import canonical_sha256
from tests.builders.people import staff_make

_numbers = itertools.count(1)
_BY = "handler:second_person.carry_out"


def request_confirmed(kind: str, /, *, reason: str = "test", **payload: Any) -> Request:
    """A confirmed request of this kind that no service has judged, to set a stage with."""
    moment = now()
    request = Request.objects.create(
        kind=kind,
        subject=f"test:{next(_numbers)}",
        trace_id="1" * 32,
        payload=json.dumps(payload, sort_keys=True, separators=(",", ":")),
        payload_sha256=canonical_sha256(payload),
        words="For a test.",
        reason=reason,
        requester="user:1",
        rule="required",
        asked_at=moment,
        lapses_at=moment.replace(year=moment.year + 1),
    )
    Request.objects.filter(id=request.pk).update(
        state="confirmed", confirmed_by="user:2", confirmed_at=moment
    )
    request.refresh_from_db()
    return request


def confirm(request: Request) -> Request:
    """Confirmed by another member of the staff and carried out, as the handler does."""
    request_confirm(
        request_id=request.pk,
        payload_sha256=request.payload_sha256,
        actor=f"user:{staff_make('ops').pk}",
    )
    request_carry_out(request_id=request.pk, actor=_BY)
    request.refresh_from_db()
    return request
