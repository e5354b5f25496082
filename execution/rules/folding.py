"""A position from its deals. Pure and permutation-proof: deals are put in (time_msc, ticket) order.

Volumes in lots, prices in the symbol's price, money in the account's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.wire import ReportedDeal

ZERO = Decimal(0)
PRICE_STEP = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Folded:
    """What the deals say; `is_complete` is false while an opening deal is still missing."""

    side: str
    volume_in_lots: Decimal
    volume_open_lots: Decimal
    volume_closed_lots: Decimal
    price_open: Decimal
    price_close: Decimal | None
    profit: Decimal
    swap: Decimal
    commission: Decimal
    fee: Decimal
    net: Decimal
    opened_at: datetime
    closed_at: datetime | None
    is_complete: bool


class _Fold:
    """Running state: `open` is signed (+ long); in a flip the average restarts."""

    def __init__(self) -> None:
        self.open = ZERO
        self.side = ""
        self.volume_in = ZERO
        self.closed = ZERO
        self.closed_value = ZERO
        self.price_open = ZERO
        self.missing = ZERO

    def open_more(self, direction: int, volume: Decimal, price: Decimal) -> None:
        known = abs(self.open)
        self.price_open = (self.price_open * known + price * volume) / (known + volume)
        self.open += direction * volume
        self.volume_in += volume
        self.side = "buy" if direction > 0 else "sell"

    def close_some(self, volume: Decimal, price: Decimal) -> None:
        taken = min(volume, abs(self.open))
        self.missing += volume - taken
        self.open -= taken if self.open > 0 else -taken
        self.closed += volume
        self.closed_value += price * volume

    def flip(self, direction: int, volume: Decimal, price: Decimal) -> None:
        """Netting reversal (INOUT): close what is open, open the rest the other way."""
        closing = min(volume, abs(self.open))
        self.close_some(closing, price)
        if volume > closing:
            self.price_open = ZERO
            self.open_more(direction, volume - closing, price)


def position_folded(deals: Iterable[ReportedDeal]) -> Folded | None:
    """Fold all deals of one position; None while no opening deal is known.

    A deal of no volume neither opens nor closes; its money counts.
    """
    ordered = sorted(deals, key=lambda deal: (deal.time_msc, deal.ticket))
    trading = [
        deal for deal in ordered if deal.kind in ("buy", "sell") and deal.entry and deal.volume_lots
    ]
    openings = [deal for deal in trading if deal.entry in ("in", "inout")]
    if not openings:
        return None
    fold = _Fold()
    for deal in trading:
        _apply(fold, deal)
    is_complete = fold.missing == ZERO
    is_closed = is_complete and fold.open == ZERO
    money = {
        name: sum((getattr(deal, name) for deal in ordered), ZERO)
        for name in ("profit", "swap", "commission", "fee")
    }
    return Folded(
        side=fold.side,
        volume_in_lots=fold.volume_in,
        volume_open_lots=abs(fold.open),
        volume_closed_lots=fold.closed,
        price_open=fold.price_open.quantize(PRICE_STEP),
        price_close=(fold.closed_value / fold.closed).quantize(PRICE_STEP) if fold.closed else None,
        net=sum(money.values(), ZERO),
        opened_at=openings[0].at,
        closed_at=trading[-1].at if is_closed else None,
        is_complete=is_complete,
        **money,
    )


def _apply(fold: _Fold, deal: ReportedDeal) -> None:
    direction = 1 if deal.kind == "buy" else -1
    if deal.entry == "in":
        fold.open_more(direction, deal.volume_lots, deal.price)
    elif deal.entry == "inout":
        fold.flip(direction, deal.volume_lots, deal.price)
    else:
        fold.close_some(deal.volume_lots, deal.price)
