"""Reads of positions: execution quality for tokens, open tickets for the reconciler."""

from dataclasses import dataclass
from decimal import Decimal

from execution.models import Position
from execution.rules.prices import OPPOSITE, slippage_bps


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


def position_open_tickets(*, account_id: int) -> set[int]:
    """Return the position tickets that our deals say are open."""
    rows = Position.objects.filter(account_id=account_id, closed_at__isnull=True)
    return set(rows.values_list("position_ticket", flat=True))
