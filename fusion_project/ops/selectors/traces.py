"""Finding traces: the latest ones, and those that an id, a number or a subject leads to."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Count, Max, Min, Q, When

from execution.models import Deal, Order, Position
from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.text.formats import seconds_between
from signals.models import Alert, Decision

LIST_MAX = 50
# Enough events back to meet LIST_MAX traces in ordinary running.
_LOOK_BACK_EVENTS = 2_000
_BIGGEST_ID = 2**63 - 1
_OF_ALERTS = (names.ALERT_REFUSED, names.ALERT_RECEIVED)
# Members of a detail that tell one event from the next of its name, as far as it has them.
_TELLING = ("instrument", "scope", "state", "kind", "ticket", "label", "strategy")


@dataclass(frozen=True, slots=True)
class TraceRow:
    trace_id: str
    about: str
    first_at: datetime
    last_name: str
    lasted_seconds: Decimal
    count: int


def trace_list_recent() -> list[TraceRow]:
    """The traces with the latest events, newest first."""
    latest = Event.objects.exclude(trace_id="").order_by("-id")
    seen = latest.values_list("trace_id", flat=True)[:_LOOK_BACK_EVENTS]
    return _rows(list(dict.fromkeys(seen))[:LIST_MAX])


def trace_list_found(query: str) -> list[TraceRow]:
    """Traces that a person's words lead to; nothing where the words mean nothing here."""
    words = query.strip()
    found: list[str] = []
    if re.fullmatch(r"[0-9a-fA-F]{1,32}", words):
        found += _by_beginning(words.lower())
    if words.isascii() and words.isdigit() and int(words) <= _BIGGEST_ID:
        found += _by_number(int(words))
    if words:
        found += _by_reference(words)
    return _rows(list(dict.fromkeys(one for one in found if one))[:LIST_MAX])


def abouts_of(trace_ids: Sequence[str]) -> dict[str, str]:
    """A few words for each trace: its first decision, else what became of its first alert."""
    first = (
        Decision.objects.filter(trace_id__in=trace_ids)
        .order_by("trace_id", "id")
        .distinct("trace_id")
        .select_related("strategy")
    )
    found = {
        one.trace_id: " ".join(
            word for word in (one.verb, one.side, one.instrument, "by", one.strategy.slug) if word
        )
        for one in first
    }
    return _undecided_abouts([one for one in trace_ids if one not in found]) | found


def _undecided_abouts(trace_ids: Sequence[str]) -> dict[str, str]:
    """Words for alerts that were refused or asked for nothing, and for what came of no alert."""
    is_alert = Case(When(name__in=_OF_ALERTS, then=0), default=1)
    wanted = Event.objects.filter(trace_id__in=trace_ids).order_by("trace_id", is_alert, "id")
    return {one.trace_id: _undecided_about(one) for one in wanted.distinct("trace_id")}


def _undecided_about(event: Event) -> str:
    if event.name not in _OF_ALERTS:
        return _other_about(event)
    detail = json.loads(event.detail)
    by = f"by {event.actor.removeprefix('strategy:')}"
    if event.name == names.ALERT_REFUSED:
        return f"refused as {detail.get('rule', '')} {by}"
    return f"{detail.get('kind', '')} alert {by}"


def _other_about(event: Event) -> str:
    """Words for what came of no alert, such as a symbol map, a switch or a manual trade."""
    detail = json.loads(event.detail)
    if "broker_symbol" in detail:
        is_so = "confirmed" if detail.get("is_confirmed") else "not confirmed"
        return f"symbol map {detail.get('instrument')} = {detail['broker_symbol']}: {is_so}"
    told = [str(detail[name]) for name in _TELLING if detail.get(name) not in (None, "")]
    return f"{event.name.replace('.', ' ')}: {' '.join(told) or event.subject}"


def _by_beginning(prefix: str) -> Iterable[str]:
    hits = Event.objects.filter(trace_id__gte=prefix, trace_id__lt=prefix + "g")
    return hits.values_list("trace_id", flat=True).distinct()[:LIST_MAX]


def _by_number(number: int) -> list[str]:
    return [
        *Order.objects.filter(id=number).values_list("trace_id", flat=True),
        *Position.objects.filter(position_ticket=number).values_list("trace_id", flat=True),
        *Deal.objects.filter(ticket=number).values_list("trace_id", flat=True),
    ]


def _by_reference(words: str) -> list[str]:
    by_subject = Event.objects.filter(subject=words).values_list("trace_id", flat=True)
    by_sender = Alert.objects.filter(Q(sender_id=words) | Q(trade_ref=words))
    return [*by_subject[:LIST_MAX], *by_sender.values_list("trace_id", flat=True)[:LIST_MAX]]


def _rows(trace_ids: list[str]) -> list[TraceRow]:
    spans = {
        row["trace_id"]: row
        for row in Event.objects.filter(trace_id__in=trace_ids)
        .values("trace_id")
        .annotate(first_at=Min("at"), last_at=Max("at"), count=Count("id"), last_id=Max("id"))
    }
    last_ids = [row["last_id"] for row in spans.values()]
    last_names = dict(Event.objects.filter(id__in=last_ids).values_list("trace_id", "name"))
    abouts = abouts_of(trace_ids)
    return [
        TraceRow(
            trace_id=one,
            about=abouts.get(one, ""),
            first_at=spans[one]["first_at"],
            last_name=last_names[one],
            lasted_seconds=seconds_between(spans[one]["first_at"], spans[one]["last_at"]),
            count=spans[one]["count"],
        )
        for one in trace_ids
        if one in spans
    ]
