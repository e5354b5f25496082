"""A model that only fails, or whose day is spent, is an incident that closes by rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fusion_project.incidents.models import Incident
from signals.lobes.base import LobeAnswer
from signals.selectors.questions import asking_list
from signals.services.asking import opinion_store
from signals.services.lobe_watch import FAILURES_MIN, lobes_watch
from signals.services.spending import spend_take
from tests.builders.signals import BuiltStrategy, entry_received

Said = dict[str, Any]
FAILED: Said = {"status": "failed", "reason": "http_401"}
FINE: Said = {"status": "awake", "p": Decimal("0.6")}
SPENT: Said = {"status": "asleep", "reason": "spend_cap_reached"}


def said(built: BuiltStrategy, *answers: Said) -> None:
    """Grok says this of one entry after another."""
    for answer in answers:
        [asking] = asking_list(alert_id=entry_received(built).id)
        told = LobeAnswer(lobe="grok", version="1.chance:grok-4.3", **answer)
        opinion_store(asking.question, told, 10)


def open_kinds() -> set[str]:
    lobes_watch()
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_five_failures_without_an_answer_open_it_and_an_answer_closes_it(
    built: BuiltStrategy,
) -> None:
    said(built, *[FAILED] * (FAILURES_MIN - 1))
    assert open_kinds() == set()
    said(built, FAILED)
    assert open_kinds() == {"lobe.failing"}
    lobes_watch()
    incident = Incident.objects.get()
    assert (incident.times_seen, "http_401" in incident.note) == (1, True)
    said(built, FINE)
    assert open_kinds() == set()


def test_who_answers_now_and_then_or_sleeps_for_want_of_bars_has_not_failed(
    built: BuiltStrategy,
) -> None:
    said(built, FINE, *[FAILED] * FAILURES_MIN)
    assert open_kinds() == set()


def test_sleepers_open_nothing(built: BuiltStrategy) -> None:
    said(built, *[{"status": "asleep", "reason": "no_fresh_bars"}] * FAILURES_MIN)
    assert open_kinds() == set()


def test_a_spent_day_opens_it_and_the_next_one_closes_it(built: BuiltStrategy, clock: Any) -> None:
    assert spend_take(lobe="grok", usd=Decimal("0.5"), cap=Decimal(1)) is not None
    said(built, SPENT)
    assert open_kinds() == {"lobe.spent"}
    clock.advance(days=1)
    assert open_kinds() == set()


@pytest.mark.django_db
def test_without_models_nobody_watches_anything() -> None:
    assert lobes_watch() == 0
