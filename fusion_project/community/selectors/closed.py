"""Closed trades of a book as they stood at one moment: what every figure of a page rests on."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from execution.models import Position
from execution.selectors.positions import position_closed_as_of
from fusion_project.community.moment import AsOf

_COLUMNS = (
    "id",
    "account_id",
    "position_ticket",
    "account__currency",
    "closed_at",
    "net",
    "opened_at",
    "decision__alert__received_at",
)


class ClosedTrade(NamedTuple):
    """The little of a closed trade that sums need."""

    id: int
    account_id: int
    position_ticket: int
    currency: str
    closed_at: datetime
    net: Decimal
    opened_at: datetime
    alert_at: datetime | None


def closed_list(*, book: str, as_of: AsOf) -> list[ClosedTrade]:
    """All closed trades of a book that orders of ours opened, in order of their closing."""
    ours = Position.objects.filter(account__book=book, order__isnull=False)
    closed = ours.filter(closed_at__isnull=False)
    found = {
        row[0]: ClosedTrade._make(row)
        for row in closed.filter(updated_at__lte=as_of.at).values_list(*_COLUMNS)
    }
    changed = ours.filter(updated_at__gt=as_of.at)
    found |= {one.pk: _closed(one) for one in _stood(changed, as_of=as_of)}
    return sorted(found.values(), key=lambda one: (one.closed_at, one.id))


def closed_by_hand(*, book: str, as_of: AsOf) -> set[tuple[int, int]]:
    """Closed positions of a book that others opened, by account and ticket: cash, but no trades."""
    others = Position.objects.filter(account__book=book, order=None)
    places = others.filter(updated_at__lte=as_of.at, closed_at__isnull=False)
    found = set(places.values_list("account_id", "position_ticket"))
    changed = _stood(others.filter(updated_at__gt=as_of.at), as_of=as_of)
    return found | {(one.account_id, one.position_ticket) for one in changed}


def closed_positions(*, ids: list[int], as_of: AsOf) -> list[Position]:
    """Closed positions in the order of these ids, as they stood; none that was not closed."""
    rows = Position.objects.filter(id__in=ids)
    found = {one.pk: one for one in _stood(rows, as_of=as_of)}
    return [found[one] for one in ids if one in found]


def _stood(rows: QuerySet[Position], *, as_of: AsOf) -> list[Position]:
    found = rows.select_related("account", "order", "decision__alert", "decision__strategy")
    stood = [position_closed_as_of(position=one, recorded_until=as_of.at) for one in found]
    return [one for one in stood if one is not None]


def _closed(position: Position) -> ClosedTrade:
    assert position.closed_at is not None
    return ClosedTrade(
        id=position.pk,
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        currency=position.account.currency,
        closed_at=position.closed_at,
        net=position.net,
        opened_at=position.opened_at,
        alert_at=position.decision.alert.received_at if position.decision else None,
    )
