"""Closed positions with their events, as execution stores them."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Position
from fusion_project.events import names
from fusion_project.events.log import record
from tests.factories.treasury import MOMENT, TRACE


@transaction.atomic
def position_make(account: BrokerAccount, **facts: Any) -> Position:
    """A closed position that gained 10, with its `position.closed` event."""
    defaults: dict[str, Any] = {
        "position_ticket": 700,
        "instrument": "EURUSD",
        "side": "buy",
        "trace_id": TRACE,
        "volume_closed_lots": Decimal("0.10"),
        "price_open": Decimal("1.10"),
        "price_close": Decimal("1.11"),
        "price_requested": Decimal("1.10"),
        "close_price_requested": Decimal("1.11"),
        "net": Decimal(10),
        "profit": Decimal(10),
        "opened_at": MOMENT,
        "closed_at": MOMENT,
        "updated_at": MOMENT,
        "ack_latency_ms": 0,
    }
    position = Position.objects.create(account=account, **(defaults | facts))
    _closed(position)
    return position


@transaction.atomic
def position_refold(position: Position, **facts: Any) -> None:
    """What a restated deal does: the next fold, told again."""
    Position.objects.filter(id=position.pk).update(
        fold_revision=position.fold_revision + 1, **facts
    )
    position.refresh_from_db()
    _closed(position)


def _closed(position: Position) -> None:
    record(
        names.POSITION_CLOSED,
        subject=f"execution.position:{position.pk}",
        trace_id=position.trace_id,
        actor="test",
        detail={
            "account_id": position.account_id,
            "position_ticket": position.position_ticket,
            "fold_revision": position.fold_revision,
            "net": position.net,
        },
    )
