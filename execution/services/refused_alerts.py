"""Refused alerts of strategies that hold something: an exit may have been among them."""

from execution.models import Position
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from signals.models import Delivery, Strategy


def refused_alert_check(*, delivery_id: int, rule: str, trace_id: str) -> bool:
    """Open the strategy's incident where it has a position open; tell whether it has."""
    strategy_id = Delivery.objects.values_list("strategy_id", flat=True).get(id=delivery_id)
    held = Position.objects.filter(strategy_id=strategy_id, closed_at=None)
    tickets = list(held.order_by("id").values_list("position_ticket", flat=True)[:10])
    if tickets:
        incident_open(
            kind=kinds.EXIT_LOST,
            subject=subject_of(Strategy, strategy_id),
            note=f"delivery {delivery_id} was refused as {rule}, and the strategy holds"
            f" {', '.join(str(ticket) for ticket in tickets)}",
            trace_id=trace_id,
        )
    return bool(tickets)
