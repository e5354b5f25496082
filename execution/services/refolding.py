"""Stored folds against a refold: what tables do not hold by themselves is looked at again."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Min, Model, Q, QuerySet

from execution.models import Deal, Order, Position
from execution.rules.folding import Folded
from execution.selectors.deals import FilledLots, deal_list_of_position, deals_folded
from execution.services.accounts import account_lock
from execution.services.positions import EMPTIED, position_columns
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of, subject_parse, subject_prefix
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle

NEWEST: Final = 200
DAY_SECONDS: Final = 86_400
# Twice the job's pace, so that one run that stays out leaves no gap.
WINDOW_SECONDS: Final = 120
# What a close by stop or target asked for is the level at that moment; no later fold can say it.
CLOSED_BY_LEVEL: Final = ("sl", "tp")


def fold_check_due() -> int:
    """Check open positions, what came last, and a part of all others; return how many differ.

    Every row has its turn once a day. One that agrees again settles its incident.
    """
    moment = now()
    tickets: set[tuple[int, int]] = set()
    for rows in (
        Position.objects.filter(closed_at=None),
        _in_turn(Position, moment),
        _in_turn(Deal, moment).exclude(position_ticket=0),
        Position.objects.filter(id__in=_under_suspicion(Position)),
    ):
        tickets |= set(rows.values_list("account_id", "position_ticket"))
    orders = _in_turn(Order, moment).exclude(filled_lots=FilledLots("id"))
    order_ids = {*orders.values_list("id", flat=True), *_under_suspicion(Order)}
    return sum(
        position_fold_check(account_id=account_id, position_ticket=ticket)
        for account_id, ticket in sorted(tickets)
    ) + sum(order_fold_check(order_id=order_id) for order_id in sorted(order_ids))


@transaction.atomic
def position_fold_check(*, account_id: int, position_ticket: int) -> bool:
    """Tell whether a position is not what its deals fold to, and open an incident or settle it.

    What differs is looked at once more under the account's lock: a deal may be on its way in.
    """
    differences = _position_differences(account_id, position_ticket)
    if differences:
        account_lock(account_id)
        differences = _position_differences(account_id, position_ticket)
    position = Position.objects.filter(
        account_id=account_id, position_ticket=position_ticket
    ).first()
    if position is not None:
        _tell(subject_of(Position, position.id), position.trace_id, differences)
    elif differences:
        deals = Deal.objects.filter(account_id=account_id, position_ticket=position_ticket)
        deal = deals.earliest("id")
        _tell(subject_of(Deal, deal.id), deal.trace_id, differences)
    return bool(differences)


@transaction.atomic
def order_fold_check(*, order_id: int) -> bool:
    """Tell whether an order's filled lots are not what its deals add up to, likewise."""
    order = Order.objects.get(id=order_id)
    account_lock(order.account_id)
    filled = Order.objects.annotate(of_deals=FilledLots("id")).get(id=order_id)
    told = _as_difference("filled_lots", filled.filled_lots, filled.of_deals)
    _tell(subject_of(Order, order_id), order.trace_id, told)
    return bool(told)


def _in_turn(model: type[Model], moment: datetime) -> QuerySet[Any]:
    """Return the newest rows and those whose turn it is: numbers go with the time of day."""
    rows = model._default_manager.all()
    ends = rows.aggregate(first=Min("id"), last=Max("id"))
    if ends["last"] is None:
        return rows.none()
    span = ends["last"] - ends["first"] + 1
    second = int(moment.timestamp()) % DAY_SECONDS
    start = ends["first"] + span * second // DAY_SECONDS
    end = ends["first"] + span * (second + WINDOW_SECONDS) // DAY_SECONDS
    return rows.filter(Q(id__gt=ends["last"] - NEWEST) | Q(id__gte=start, id__lte=end))


def _under_suspicion(model: type[Model]) -> list[int]:
    """Return the rows that an open incident is about."""
    found = Incident.objects.filter(
        kind=kinds.FOLD_DIFFERS, subject__startswith=subject_prefix(model), closed_at=None
    )
    return [subject_parse(subject).id for subject in found.values_list("subject", flat=True)]


def _position_differences(account_id: int, position_ticket: int) -> list[str]:
    deals = deal_list_of_position(account_id=account_id, position_ticket=position_ticket)
    folded = deals_folded(deals)
    position = Position.objects.filter(
        account_id=account_id, position_ticket=position_ticket
    ).first()
    if position is None:
        return [] if folded is None else [f"deals of position {position_ticket}, and no position"]
    wanted = EMPTIED if folded is None else _comparable(folded, deals)
    return [
        told
        for name, value in wanted.items()
        for told in _as_difference(name, getattr(position, name), value)
    ]


def _comparable(folded: Folded, deals: list[Deal]) -> dict[str, Any]:
    columns = position_columns(folded, deals)
    closings = [deal for deal in deals if deal.entry in ("out", "out_by")]
    if any(deal.reason in CLOSED_BY_LEVEL for deal in closings):
        columns.pop("close_price_requested", None)
    return columns


def _as_difference(name: str, stored: Any, folded: Any) -> list[str]:
    if stored == folded:
        return []
    return [f"{name} is {_plain(stored)}, its deals say {_plain(folded)}"]


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _tell(subject: str, trace_id: str, differences: list[str]) -> None:
    if differences:
        incident_open(
            kind=kinds.FOLD_DIFFERS,
            subject=subject,
            note="; ".join(differences)[:500],
            trace_id=trace_id,
        )
    else:
        incident_settle(
            kind=kinds.FOLD_DIFFERS, subject=subject, note="It agrees with its deals again."
        )
