"""The last events of the flow, as sentences: finished facts of one book, nothing that is open."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from execution.models import Position, Subscription
from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_parse
from fusion_project.text.formats import signed_exact, state_word
from signals.models import Decision
from treasury.models import Entry

# Enough events back to fill the list although some belong to the other book.
_LOOK_BACK = 120
_DECISION_EVENTS = {
    names.DECISION_ABSTAINED: "left alone",
    names.DECISION_REJECTED: "rejected by a reviewer",
    names.DECISION_EXPIRED: "expired before it was decided",
}
# Entries of deals are left out: an opening deal's entry would tell of an open position.
_UNITS_OF_KINDS = {
    "token.dai": "DAI",
    "token.da": "DA",
    "token.dct_accrual": "DCT accrual",
}


@dataclass(frozen=True, slots=True)
class FeedItem:
    at: datetime
    sentence: str


def feed_list(*, book: str, as_of: AsOf) -> list[FeedItem]:
    """Newest first; what has no sentence here is not public."""
    finished = Event.objects.filter(name__in=policy.PUBLIC_EVENTS, at__lte=as_of.at)
    rows = list(finished.order_by("-id")[:_LOOK_BACK])
    sentences = {**_of_positions(rows, book), **_of_decisions(rows, book=book, as_of=as_of)}
    items = [
        FeedItem(row.at, sentences[row.id]) for row in rows if row.id in sentences
    ] + _of_postings(book=book, as_of=as_of)
    items.sort(key=lambda item: item.at, reverse=True)
    return items[: policy.EVENTS_SHOWN]


def _subject_ids(rows: list[Event], event_names: set[str]) -> dict[int, int]:
    """Event id → id of its subject, for the events of these names."""
    return {row.id: subject_parse(row.subject).id for row in rows if row.name in event_names}


def _of_positions(rows: list[Event], book: str) -> dict[int, str]:
    """What each event told when it happened; a later fold has an event of its own."""
    subjects = _subject_ids(rows, {names.POSITION_CLOSED})
    positions = Position.objects.select_related("account").filter(account__book=book)
    found = positions.in_bulk(set(subjects.values()))
    nets = {row.id: Decimal(json.loads(row.detail)["net"]) for row in rows if row.id in subjects}
    return {
        event_id: _closed_sentence(found[position_id], nets[event_id])
        for event_id, position_id in subjects.items()
        if position_id in found
    }


def _closed_sentence(position: Position, net: Decimal) -> str:
    result = f"{signed_exact(net)} {position.account.currency}"
    return f"{position.instrument} {position.side} closed, net {result}"


def _of_decisions(rows: list[Event], *, book: str, as_of: AsOf) -> dict[int, str]:
    subjects = _subject_ids(rows, set(_DECISION_EVENTS))
    followed = Subscription.objects.filter(account__book=book, created_at__lte=as_of.at)
    found = Decision.objects.filter(strategy__in=followed.values("strategy_id")).in_bulk(
        set(subjects.values())
    )
    by_event = {row.id: row.name for row in rows}
    sentences = {}
    for event_id, decision_id in subjects.items():
        if decision_id in found:
            one = found[decision_id]
            asked = f"{one.instrument} {state_word(one.verb)}".strip()
            sentences[event_id] = f"{asked} {_DECISION_EVENTS[by_event[event_id]]}"
    return sentences


def _of_postings(*, book: str, as_of: AsOf) -> list[FeedItem]:
    """The postings of one trade as one item."""
    posted = Entry.objects.filter(book=book, kind__in=_UNITS_OF_KINDS, recorded_at__lte=as_of.at)
    newest = sorted(posted.order_by("-id")[:_LOOK_BACK], key=lambda row: (row.trace_id, row.id))
    items = []
    for _, group in groupby(newest, key=lambda row: row.trace_id):
        same = list(group)
        units = dict.fromkeys(_UNITS_OF_KINDS[row.kind] for row in same)
        words = f"Posted for a closed trade: {', '.join(units)}"
        items.append(FeedItem(same[-1].recorded_at, words))
    return items
