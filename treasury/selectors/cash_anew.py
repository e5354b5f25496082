"""Places whose cash may have changed since steps were kept, with their steps as they stood."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from execution.models import Position
from execution.selectors.positions import position_closed_as_of
from fusion_project.events import names
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_parse
from treasury.rules.runs import Run, step_run

_EVENTS = (names.POSITION_CLOSED, names.POSITION_REOPENED)
_LAST = 2**62
_TOUCHED = """
    SELECT DISTINCT account_id, position_ticket FROM treasury_cash_touched(%s, %s)
    WHERE position_ticket <> 0"""
_STEPS = """
    SELECT place, book, currency, at, change, has_cash, net
    FROM treasury_cash_of_positions(%s, %s)
    UNION ALL SELECT place, book, currency, at, change, has_cash, net
    FROM treasury_cash_beside(%s, %s, %s)"""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class AnewStep:
    currency: str
    run: Run


@dataclass(frozen=True, slots=True)
class Anew:
    """`places` may have changed; `steps` are those of them that tell something, as they stood.

    `positions`: ids of positions among them, `positions_later` of those that changed later still.
    """

    places: frozenset[str]
    steps: list[AnewStep]
    positions: list[int]
    positions_later: list[int]


def anew_read(*, book: str, recorded_until: datetime, mark: tuple[int, int] | None) -> Anew:
    """All places of the book that changed after the mark; every place where there is none."""
    since_entry, since_event = mark or (0, 0)
    touched = _touched(since_entry)
    places = {place: _told(place, None) for place in touched}
    positions: list[int] = []
    later: list[int] = []
    rows = Position.objects.filter(account__book=book)
    changed = rows if mark is None else rows.filter(_changed(touched, since_event))
    for one in changed.select_related("account"):
        positions.append(one.pk)
        if one.updated_at > recorded_until:
            later.append(one.pk)
        stood = position_closed_as_of(position=one, recorded_until=recorded_until)
        place = (one.account_id, one.position_ticket)
        places[place] = _told(place, stood)
    return Anew(
        places=frozenset(f"position:{account}:{ticket}" for account, ticket in places),
        steps=_steps(book, places.values(), since_entry, recorded_until),
        positions=positions,
        positions_later=later,
    )


def _touched(since_entry: int) -> set[Place]:
    """Positions of which cash was booked since."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, [since_entry, _LAST])
        return set(cursor.fetchall())


def _changed(touched: set[Place], since_event: int) -> Q:
    """Positions that were closed or opened again since, and those of which cash was booked."""
    events = Event.objects.filter(name__in=_EVENTS, id__gt=since_event)
    ids = {subject_parse(one).id for one in events.values_list("subject", flat=True)}
    tickets: dict[int, list[int]] = defaultdict(list)
    for account_id, ticket in touched:
        tickets[account_id].append(ticket)
    wanted = Q(id__in=ids)
    for account_id, those in tickets.items():
        wanted |= Q(account_id=account_id, position_ticket__in=those)
    return wanted


def _told(place: Place, closed: Position | None) -> dict[str, Any]:
    """What `treasury_cash_of_positions` asks of a place."""
    account_id, ticket = place
    told: dict[str, Any] = {"account_id": account_id, "position_ticket": ticket}
    if closed is None or closed.closed_at is None:
        return told | {"closed_at": None, "is_ours": False, "net": None}
    return told | {
        "closed_at": closed.closed_at.isoformat(),
        "is_ours": closed.order_id is not None,
        "net": f"{closed.net:f}",
    }


def _steps(
    book: str, places: Iterable[dict[str, Any]], since_entry: int, until: datetime
) -> list[AnewStep]:
    told = json.dumps(list(places))
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [told, until, since_entry, _LAST, until])
        rows: list[tuple[str, str, str, datetime | None, Decimal, bool, Decimal | None]]
        rows = cursor.fetchall()
    return [
        AnewStep(currency, step_run(at=at, place=place, change=change, has_cash=has_cash, net=net))
        for place, its_book, currency, at, change, has_cash, net in rows
        if its_book == book and at is not None
    ]
