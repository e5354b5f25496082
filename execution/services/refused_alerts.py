"""Refused alerts of strategies that hold something: an exit may have been among them."""

from execution.models import Position
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from signals.models import Delivery, Strategy


def refused_alert_check(
    *, delivery_id: int, rule: str, lowers_risk: bool | None, trace_id: str
) -> bool:
    """Open the strategy's incident where an exit may be lost; tell whether one may.

    `lowers_risk`: what was read of the alert; None where it could not be read, and may be an exit.
    """
    if lowers_risk is False:
        return False
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
