"""Orders that nobody knows enough of: done without a deal, unknown for a minute, not cancelled."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from execution.models import Order, Position
from execution.rules import states
from execution.rules.asking_again import DEAL_COMES_WITHIN, RESOLVED_BY_PERSON
from execution.services.asking_again import risk_check, risk_stands
from execution.services.orders import order_move
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open

UNKNOWN_TO_PERSON = timedelta(seconds=60)
CANCELLED_WITHIN = timedelta(seconds=30)
# What was done long ago without a deal was looked at then.
_LOOKED_BACK = timedelta(days=1)


def orders_watch() -> None:
    """Look at what is done without a deal, what stays unknown, and what is not cancelled."""
    for order_id in Order.objects.filter(_is_done_without_deal()).values_list("id", flat=True):
        _doubt(order_id)
    for order in _waiting_for_person():
        incident_open(
            kind=kinds.ORDER_UNRESOLVED,
            subject=subject_of(Order, order.id),
            note="unknown for a minute: look at the broker and decide what became of it",
            trace_id=order.trace_id,
        )
    for order in _not_cancelled():
        risk_stands(order=order, note="its cancellation is not confirmed; it is asked again")


def _is_done_without_deal() -> Q:
    """An entry must fill, and an exit while its position is open; 30 s are enough for the deal."""
    moment = now()
    position = Position.objects.filter(
        account_id=OuterRef("account_id"), position_ticket=OuterRef("position_ticket")
    )
    must_fill = Q(verb="entry") | Exists(position.filter(closed_at=None))
    told_at = Q(ended_at__lte=moment - DEAL_COMES_WITHIN, ended_at__gt=moment - _LOOKED_BACK)
    nothing = Q(state=states.DONE, filled_lots=0) & ~Q(reason=RESOLVED_BY_PERSON)
    return nothing & told_at & must_fill & ~Q(verb="amend")


@transaction.atomic
def _doubt(order_id: int) -> None:
    rows = Order.objects.select_for_update(no_key=True).filter(id=order_id)
    order = rows.filter(_is_done_without_deal()).first()
    if order is None or not order_move(
        order=order, new=states.UNKNOWN, actor="system", late=True, reason="done_without_deal"
    ):
        return
    risk_check(order)


def _waiting_for_person() -> list[Order]:
    told = _told(kinds.ORDER_UNRESOLVED)
    late = Q(state_at__lte=now() - UNKNOWN_TO_PERSON) | Q(state_at=None)
    return [
        order
        for order in Order.objects.filter(late, state=states.UNKNOWN)
        if subject_of(Order, order.id) not in told
    ]


def _not_cancelled() -> list[Order]:
    told = _told(kinds.RISK_STANDS)
    late = Q(state_at__lte=now() - CANCELLED_WITHIN) | Q(state_at=None)
    rows = Order.objects.filter(
        late, state=states.CANCEL_REQUESTED, filled_lots__lt=F("volume_lots")
    )
    return [order for order in rows if subject_of(Order, order.id) not in told]


def _told(kind: str) -> set[str]:
    return set(Incident.objects.filter(kind=kind, closed_at=None).values_list("subject", flat=True))
