"""Finding deliveries by what the sender was told, and counting those that were not acted on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_parse, subject_prefix
from signals.models import Alert, Delivery, Strategy

NOT_ACTED_ON: Final = ("refused", "unreadable")
_TRACE: Final = re.compile(r"[0-9a-f]{32}")
_ID_DIGITS_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many deliveries were refused or unreadable, and the most frequent reason ('' if none).

    `on_purpose`: those of drills, which are not among `count`.
    """

    count: int
    most_frequent: str
    on_purpose: int


def delivery_search(*, rows: QuerySet[Delivery], words: str) -> QuerySet[Delivery]:
    """Narrow to a receipt number, a trace id, or a whole reason, body hash or address."""
    wanted = words.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _ID_DIGITS_MAX:
        return rows.filter(id=int(wanted))
    if _TRACE.fullmatch(wanted.lower()):
        return rows.filter(_of_trace(wanted.lower()))
    return rows.filter(Q(rule=wanted) | Q(body_sha256=wanted.lower()) | Q(peer=wanted))


def not_acted_on(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Narrow to what was refused or unreadable and not meant to be."""
    return rows.filter(verdict__in=NOT_ACTED_ON, strategy__is_drill=False)


def refusals_since(moment: datetime) -> Refusals:
    """Count what was refused or unreadable after `moment`, whatever the strategy."""
    since = Delivery.objects.filter(received_at__gt=moment)
    # By strategy, because the index begins with it.
    of_all = since.filter(strategy__in=Strategy.objects.filter(is_drill=False).values("id"))
    of_drills = since.filter(strategy__in=Strategy.objects.filter(is_drill=True).values("id"))
    found = (
        not_acted_on(of_all)
        .values_list("rule")
        .annotate(count=Count("id"))
        .order_by("-count", "rule")
    )
    rows = list(found)
    return Refusals(
        count=sum(count for _, count in rows),
        most_frequent=rows[0][0] if rows else "",
        on_purpose=of_drills.filter(verdict__in=NOT_ACTED_ON).count(),
    )


def _of_trace(trace_id: str) -> Q:
    """Deliveries of the trace's alerts, and those whose refusal the trace tells."""
    subjects = Event.objects.filter(trace_id=trace_id, subject__startswith=subject_prefix(Delivery))
    numbers = [subject_parse(one).id for one in subjects.values_list("subject", flat=True)]
    alerts = Alert.objects.filter(trace_id=trace_id).values("id")
    return Q(alert_id__in=alerts) | Q(id__in=numbers)
