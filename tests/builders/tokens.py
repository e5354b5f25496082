"""Closed positions with their deals and events, as execution stores them."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Position
from execution.selectors.deals import deal_list_of_position
from fusion_project.events import names
from fusion_project.events.log import record
from tests.factories.execution import DealFactory, ReportFactory
from tests.factories.treasury import MOMENT, TRACE
from treasury.models import DealPosting

_numbers = count(1)


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
        "opened_at": MOMENT,
        "closed_at": MOMENT,
        "updated_at": MOMENT,
        "ack_latency_ms": 0,
    }
    facts = defaults | facts
    facts |= _added_up(account, facts["position_ticket"], facts["net"])
    position = Position.objects.create(account=account, **facts)
    _closed(position)
    return position


@transaction.atomic
def position_refold(position: Position, **facts: Any) -> None:
    """What a further deal does: the next fold, told again."""
    if "net" in facts:
        facts |= _added_up(position.account, position.position_ticket, facts["net"])
    Position.objects.filter(id=position.pk).update(
        fold_revision=position.fold_revision + 1, **facts
    )
    position.refresh_from_db()
    _closed(position)


def _added_up(account: BrokerAccount, position_ticket: int, net: Decimal) -> dict[str, Decimal]:
    """Money columns of a position of this net, and an opening deal of what was missing for it.

    The ledger has nothing to post for that deal.
    """
    deals = deal_list_of_position(account_id=account.pk, position_ticket=position_ticket)
    money = {
        name: sum((getattr(deal, name) for deal in deals), Decimal(0))
        for name in ("profit", "swap", "commission", "fee")
    }
    missing = net - sum(money.values())
    if missing or not any(deal.entry == "in" for deal in deals):
        number = next(_numbers)
        report = ReportFactory(account=account, report_id=f"fold-{number}")
        deal = DealFactory(
            report=report, ticket=700_000 + number, position_ticket=position_ticket, profit=missing
        )
        DealPosting.objects.create(deal=deal, state="nothing", reason="by a builder", at=MOMENT)
    return {**money, "profit": money["profit"] + missing, "net": net}


def _closed(position: Position) -> None:
    record(
        names.POSITION_CLOSED,
        subject=f"execution.position:{position.pk}",
        trace_id=position.trace_id,
        actor="system",
        detail={
            "account_id": position.account_id,
            "position_ticket": position.position_ticket,
            "fold_revision": position.fold_revision,
            "net": position.net,
        },
    )
