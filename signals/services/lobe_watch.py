"""The watch over models: one that only fails, or whose day is spent, is an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet

from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_prefix
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle
from signals.lobes.registry import CALLING_NAMES
from signals.models import LobeSpend, Opinion

LOOK_BACK: Final = timedelta(minutes=15)
FAILURES_MIN: Final = 5
CAPPED: Final = "spend_cap_reached"


def lobes_watch(*, names: Iterable[str] = CALLING_NAMES) -> int:
    """Judge what the lobes that call out said lately; return how many incidents are open then."""
    for name in names:
        said = Opinion.objects.filter(lobe=name, created_at__gt=now() - LOOK_BACK)
        if said.exists():
            _failing_watch(name, said)
        _spend_watch(name, said)
    return Incident.objects.filter(
        kind__in=(kinds.LOBE_FAILING, kinds.LOBE_SPENT), closed_at=None
    ).count()


def _failing_watch(name: str, said: QuerySet[Opinion]) -> None:
    """Those that sleep for a reason of their own, as for want of bars, have not failed."""
    failed = said.filter(status="failed") | said.filter(status="asleep", reason="breaker_open")
    if said.filter(status__in=("awake", "late"), p__isnull=False).exists():
        incident_settle(kind=kinds.LOBE_FAILING, subject=_subject(name), note="It answers again.")
    elif failed.count() >= FAILURES_MIN:
        last = failed.order_by("-id")[0]
        note = f"{name} gives no answer: {last.reason}."
        _say(kinds.LOBE_FAILING, name, note)


def _spend_watch(name: str, said: QuerySet[Opinion]) -> None:
    today = now().date()
    is_spent = said.filter(reason=CAPPED, created_at__date=today).exists()
    if is_spent:
        note = f"{name} is not asked any more on {today}: its day is spent."
        _say(kinds.LOBE_SPENT, name, note)
    elif not LobeSpend.objects.filter(lobe=name, day=today).exists():
        note = "A new day has room."
        incident_settle(kind=kinds.LOBE_SPENT, subject=_subject(name), note=note)


def _say(kind: str, name: str, note: str) -> None:
    """Open it, or say the newest of it; saying the same again would count one sighting more."""
    subject = _subject(name)
    is_told = Incident.objects.filter(kind=kind, subject=subject, closed_at=None, note=note)
    if not is_told.exists():
        incident_open(kind=kind, subject=subject, note=note)


def _subject(name: str) -> str:
    return f"{subject_prefix(LobeSpend)}{name}"
