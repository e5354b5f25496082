"""An order that staging refuses: a row born `rejected`, so that the reason is a recorded fact."""

from execution.models import BrokerAccount, Order
from execution.rules.minors import needs_minor
from execution.services.orders import order_event
from fusion_project.events.clock import now
from signals.models import Decision


def order_refuse(
    *,
    decision: Decision,
    account: BrokerAccount,
    reason: str,
    actor: str,
    position_ticket: int = 0,
    target_order: Order | None = None,
    trace_id: str = "",
    message: str = "",
) -> Order:
    """Write the refusal once per (decision, account, target)."""
    moment = now()
    links = (decision.trace_id,) if trace_id and trace_id != decision.trace_id else ()
    order, created = Order.objects.get_or_create(
        decision=decision,
        account=account,
        position_ticket=position_ticket,
        target_order=target_order,
        attempt=1,
        defaults={
            "strategy_id": decision.strategy_id,
            "instrument": decision.instrument,
            "trace_id": trace_id or decision.trace_id,
            "trade_ref": decision.trade_ref,
            "verb": ROW_VERBS.get(decision.verb, decision.verb),
            "side": decision.side,
            "volume_lots": 0,
            "ref_price": decision.ref_price,
            "needs_minor": needs_minor({"target_order_id": target_order and target_order.id}),
            "state": "rejected",
            "reason": reason,
            "message": message[:500],
            "staged_at": moment,
            "ended_at": moment,
        },
    )
    if created:
        order_event(order, actor=actor, links=links)
    return order


# A row's verb is one of four; what closes everything is an exit of each position.
ROW_VERBS = {"close_all": "exit", "cancel": "exit", "cancel_all": "exit"}
