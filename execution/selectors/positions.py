"""Reads of positions: execution quality for tokens, open tickets for the reconciler."""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from execution.models import Deal, Position
from execution.rules.prices import OPPOSITE, slippage_bps
from execution.selectors.deals import deal_list_of_position, deals_folded
from execution.selectors.shares import shares_of_deals


@dataclass(frozen=True, slots=True)
class PositionQuality:
    """How well a position was executed; positive slippage is worse than what was asked for.

    Slippage is 0 where no price was asked for; latency counts from lease to acknowledgement.
    """

    entry_slippage_bps: Decimal
    exit_slippage_bps: Decimal
    ack_latency_ms: int | None


def position_quality_get(*, position_id: int) -> PositionQuality:
    """Return the execution quality of one position."""
    position = Position.objects.get(id=position_id)
    return PositionQuality(
        entry_slippage_bps=slippage_bps(
            side=position.side, wanted=position.price_requested, got=position.price_open
        ),
        exit_slippage_bps=slippage_bps(
            side=OPPOSITE[position.side],
            wanted=position.close_price_requested,
            got=position.price_close,
        ),
        ack_latency_ms=position.ack_latency_ms,
    )


def position_closed_as_of(*, position: Position, recorded_until: datetime) -> Position | None:
    """Return the closed position as it stood at that moment, or None where it was not closed.

    One that has changed since is folded anew from the deals that were recorded by then; it is for
    reading only.
    """
    if position.updated_at <= recorded_until:
        return position if position.closed_at is not None else None
    deals = deal_list_of_position(
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        recorded_until=recorded_until,
    )
    folded = deals_folded(deals)
    if folded is None or folded.closed_at is None:
        return None
    columns = {column.name for column in Position._meta.concrete_fields}
    for fact in fields(folded):
        if fact.name in columns:
            setattr(position, fact.name, getattr(folded, fact.name))
    position.net_foreign = shares_of_deals(deals).foreign_net
    return position


def traces_of_position(*, position: Position, recorded_until: datetime) -> set[str]:
    """Return the traces of the orders that had traded in it by then; several may share it."""
    deals = Deal.objects.filter(
        recorded_at__lte=recorded_until,
        account=position.account_id,
        position_ticket=position.position_ticket,
        order__isnull=False,
    )
    return {position.trace_id, *deals.values_list("order__trace_id", flat=True)}


def position_open_tickets(*, account_id: int) -> set[int]:
    """Return the position tickets that our deals say are open."""
    rows = Position.objects.filter(account_id=account_id, closed_at__isnull=True)
    return set(rows.values_list("position_ticket", flat=True))
