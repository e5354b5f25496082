"""What a person's request to close means on an account, and what it would mean beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from execution.models import CloseRequest, Order, Position
from execution.models.requests import POSITION
from execution.rules import states

# Orders of ours have opened some of it, or all while a broker closes and opens it anew.
_OURS = Q(order__isnull=False) & Q(volume_foreign_lots=0) | Q(
    volume_open_lots__gt=F("volume_foreign_lots")
)


@dataclass(frozen=True, slots=True)
class CloseOutlook:
    """What stands on an account, or on all: open positions of ours and of others, entries out."""

    ours: int
    foreign: int
    entries: int


def positions_meant(request: CloseRequest, account_id: int) -> QuerySet[Position]:
    """Return the open positions that the request means there."""
    rows = Position.objects.filter(account=account_id, closed_at=None).order_by("id")
    if request.scope == POSITION:
        rows = rows.filter(position_ticket=request.position_ticket)
    return rows if request.with_foreign else rows.filter(_OURS)


def entries_meant(request: CloseRequest, account_id: int) -> QuerySet[Order]:
    """Return the entries there that may still open or enlarge what the request means."""
    rows = Order.objects.filter(account=account_id, verb="entry")
    if request.scope == POSITION:
        rows = rows.filter(positions__position_ticket=request.position_ticket)
    return rows.exclude(state__in=states.ORDER_ENDS).order_by("id")


def close_outlook(account_id: int | None) -> CloseOutlook:
    """Count what would be closed and cancelled on one account, or on all."""
    positions = Position.objects.filter(closed_at=None)
    entries = Order.objects.filter(verb="entry").exclude(state__in=states.ORDER_ENDS)
    if account_id is not None:
        positions, entries = (
            positions.filter(account=account_id),
            entries.filter(account=account_id),
        )
    ours = positions.filter(_OURS).count()
    return CloseOutlook(ours, positions.count() - ours, entries.count())
