"""A throw-away kind of requests whose effects can be counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from fusion_project.errors import DomainError
from fusion_project.second_person import kinds
from fusion_project.second_person.kinds import RequestKind
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from tests.builders.pages import staff_make
from tests.events_probe import effect_add

KIND, COLLECTED = "probe.effect", "probe.collected"


@dataclass
class Probe:
    """What the kind's check refuses now, and two people of the staff."""

    refuses: str = ""
    anna: str = field(default_factory=lambda: f"user:{staff_make('ops').pk}")
    ben: str = field(default_factory=lambda: f"user:{staff_make('reviewer').pk}")

    def ask(self, number: int = 1, *, kind: str = KIND, reason: str = "wanted") -> Request:
        """Asked by Anna."""
        subject = f"probe.row:{number}"
        payload = {"number": number}
        return request_ask(
            kind=kind, subject=subject, payload=payload, reason=reason, actor=self.anna
        )

    def check(self, payload: Payload) -> None:
        if self.refuses:
            raise DomainError(self.refuses)


def _carry_out(payload: Payload, request: Request) -> str:
    effect_add(request.subject)
    return f"done with {payload['number']}"


@pytest.fixture
def probe() -> Iterator[Probe]:
    """The kinds `probe.effect` and `probe.collected`, gone after the test."""
    made = Probe()
    for name, carry_out in ((KIND, _carry_out), (COLLECTED, None)):
        kinds.kind_register(
            RequestKind(name, lambda payload: f"Effect {payload['number']}.", made.check, carry_out)
        )
    yield made
    del kinds._kinds[KIND], kinds._kinds[COLLECTED]
