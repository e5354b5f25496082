"""What a person asks for that another must confirm. Rows move along `states.REQUEST_EDGES`."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from fusion_project.events.actors import actor_known
from fusion_project.second_person.states import ASKED, CONFIRMED, DONE, OPEN, REFUSED, REQUEST_EDGES

# What is read back from canonical JSON: amounts and times are texts.
Payload = dict[str, Any]
REQUIRED, COOL_OFF = RULES = ("required", "cool_off")
COOL_OFF_PAUSE = dt.timedelta(minutes=10)

_CONFIRMED_ONCE = Q(confirmed_at__isnull=False) & ~Q(confirmed_by="")
_NEVER_CONFIRMED = Q(confirmed_at__isnull=True, confirmed_by="")


def _hash_of(column: str) -> Func:
    octets = Func(F(column), Value("UTF8"), function="convert_to")
    return Func(
        Func(octets, function="sha256"),
        Value("hex"),
        function="encode",
        output_field=models.TextField(),
    )


class Request(models.Model):
    """One request: `payload` is canonical JSON, `words` what its kind said that will happen.

    `rule` is SECOND_PERSON as it was when it was asked: another person confirms, or, under
    `cool_off`, the same one after ten minutes.
    """

    subject_label = "second_person.request"

    kind = models.TextField()
    subject = models.TextField()
    trace_id = models.CharField(max_length=32)
    payload = models.TextField()
    payload_sha256 = models.CharField(max_length=64)
    words = models.TextField()
    reason = models.CharField(max_length=500)
    requester = models.CharField(max_length=80)
    rule = models.CharField(max_length=8, choices={rule: rule for rule in RULES})
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    state = models.CharField(
        max_length=9, default=ASKED, choices={state: state for state in REQUEST_EDGES}
    )
    confirmed_by = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "payload_sha256"],
                condition=Q(state__in=OPEN),
                name="second_person_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(REQUEST_EDGES)), name="second_person_state_known"
            ),
            models.CheckConstraint(condition=Q(rule__in=RULES), name="second_person_rule_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="second_person_has_reason"),
            models.CheckConstraint(
                condition=Q(lapses_at__gt=F("asked_at")), name="second_person_lapses_later"
            ),
            models.CheckConstraint(
                condition=Exact(F("payload_sha256"), _hash_of("payload")),
                name="second_person_payload_is_hashed",
            ),
            models.CheckConstraint(
                condition=_NEVER_CONFIRMED | _CONFIRMED_ONCE, name="second_person_confirmed_by_one"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CONFIRMED, DONE, REFUSED]) | _CONFIRMED_ONCE,
                name="second_person_confirmed_first",
            ),
            models.CheckConstraint(
                condition=_NEVER_CONFIRMED
                | ~Q(confirmed_by=F("requester"))
                | Q(rule=COOL_OFF, confirmed_at__gte=F("asked_at") + COOL_OFF_PAUSE),
                name="second_person_is_another",
            ),
            models.CheckConstraint(
                condition=_NEVER_CONFIRMED | Q(confirmed_at__lt=F("lapses_at")),
                name="second_person_confirmed_in_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at__isnull=True, ended_by="")
                | (~Q(state__in=OPEN) & Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="second_person_ended_by_one",
            ),
            actor_known("requester", name="second_person_requester_form"),
            actor_known("confirmed_by", name="second_person_confirmed_by_form", or_empty=True),
            actor_known("ended_by", name="second_person_ended_by_form", or_empty=True),
        ]
        indexes = [
            models.Index(
                fields=["lapses_at"], condition=Q(state__in=OPEN), name="second_person_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def asked_for(self) -> Payload:
        """The payload read back."""
        read: Payload = json.loads(self.payload)
        return read

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
