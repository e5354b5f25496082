"""Reads of the log: what is undone."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from fusion_project.events.clock import now
from fusion_project.events.models import Handling


@dataclass(frozen=True, slots=True)
class HandlingCounts:
    """How many handlings wait, are overdue by more than ten seconds, or are parked."""

    undone: int
    overdue: int
    parked: int


def handling_counts() -> HandlingCounts:
    """Counts over what is not done; cheap, by the partial indexes."""
    undone = Handling.objects.filter(done_at=None)
    late = now() - dt.timedelta(seconds=10)
    return HandlingCounts(
        undone=undone.filter(due_at__isnull=False).count(),
        overdue=undone.filter(due_at__lt=late).count(),
        parked=undone.filter(due_at=None).count(),
    )


def handling_list_waiting(*, longer_than_seconds: int) -> QuerySet[Handling]:
    """Handlings that keep raising NotYet for an event older than this."""
    before = now() - dt.timedelta(seconds=longer_than_seconds)
    return (
        Handling.objects.filter(done_at=None, due_at__isnull=False, waits__gt=0)
        .filter(event__at__lt=before)
        .select_related("event")
    )
