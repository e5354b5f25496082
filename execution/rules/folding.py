"""A position from its deals. Pure and permutation-proof: deals are put in (UTC, ticket) order.

Volumes in lots, prices in the symbol's price, money in the account's currency.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.rules.rebuilding import REBUILD_REASONS
from execution.wire import ReportedDeal

ZERO = Decimal(0)
PRICE_STEP = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Folded:
    """What the deals say; `is_complete` is false while an opening deal is still missing.

    `volume_base_lots` is what was open when something was opened last: what "50 %" is a share of.
    `risk_money` is what that risked; None where it is not known of all of it.
    """

    side: str
    volume_open_lots: Decimal
    volume_closed_lots: Decimal
    volume_base_lots: Decimal
    risk_money: Decimal | None
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
    """Running state: `open` is signed (+ long); in a flip the average restarts.

    `risk` is what the open part risks. A position that is flat and opened again on its identifier
    was rebuilt by the broker: neither its risk nor its share of the trade grows by that. What a
    rebuilding in parts has taken away is `risk_aside` until it comes back.
    """

    def __init__(self) -> None:
        self.open = ZERO
        self.side = ""
        self.base = ZERO
        self.closed = ZERO
        self.closed_value = ZERO
        self.price_open = ZERO
        self.missing = ZERO
        self.risk: Decimal | None = ZERO
        self.risk_base: Decimal | None = ZERO
        self.risk_before_flat: Decimal | None = None
        self.risk_aside = ZERO
        self.was_open = False

    def open_more(
        self,
        direction: int,
        volume: Decimal,
        price: Decimal,
        risk: Decimal | None,
        *,
        is_rebuilt: bool = False,
    ) -> None:
        known = abs(self.open)
        if self.was_open and (known == ZERO or is_rebuilt):
            aside, self.risk_aside = self.risk_aside, ZERO
            left = self.risk_before_flat if known == ZERO else ZERO
            risk = None if left is None else left + aside
        self.price_open = (self.price_open * known + price * volume) / (known + volume)
        self.open += direction * volume
        self.base = abs(self.open)
        self.risk = None if risk is None or self.risk is None else self.risk + risk
        self.risk_base = self.risk
        self.side = "buy" if direction > 0 else "sell"
        self.was_open = True

    def close_some(self, volume: Decimal, price: Decimal, *, is_rebuilt: bool = False) -> None:
        known = abs(self.open)
        taken = min(volume, known)
        self.missing += volume - taken
        self.open -= taken if self.open > 0 else -taken
        self.closed += volume
        self.closed_value += price * volume
        if taken == known:
            self.risk_before_flat, self.risk = self.risk, ZERO
        elif self.risk is not None:
            away = self.risk * taken / known
            self.risk -= away
            self.risk_aside += away if is_rebuilt else ZERO

    def flip(self, direction: int, volume: Decimal, price: Decimal, risk: Decimal | None) -> None:
        """Netting reversal (INOUT): close what is open, open the rest the other way."""
        closing = min(volume, abs(self.open))
        self.close_some(closing, price)
        if volume > closing:
            self.price_open, self.was_open = ZERO, False
            share = (volume - closing) / volume
            opened = None if risk is None else risk * share
            self.open_more(direction, volume - closing, price, opened)


def position_folded(
    deals: Iterable[ReportedDeal], *, risks: Mapping[int, Decimal] | None = None
) -> Folded | None:
    """Fold all deals of one position; None while no opening deal is known.

    `risks`: by ticket, what an opening deal's order meant to risk with it. A deal of no volume
    neither opens nor closes; its money counts. A position that the broker is rebuilding is not
    closed.
    """
    known_risks = risks or {}
    ordered = sorted(deals, key=lambda deal: (deal.at, deal.ticket))
    trading = [
        deal for deal in ordered if deal.kind in ("buy", "sell") and deal.entry and deal.volume_lots
    ]
    openings = [deal for deal in trading if deal.entry in ("in", "inout")]
    if not openings:
        return None
    fold = _Fold()
    for deal in trading:
        _apply(fold, deal, known_risks.get(deal.ticket))
    is_complete = fold.missing == ZERO
    is_flat = is_complete and fold.open == ZERO
    is_closed = is_flat and trading[-1].reason not in REBUILD_REASONS
    money = {
        name: sum((getattr(deal, name) for deal in ordered), ZERO)
        for name in ("profit", "swap", "commission", "fee")
    }
    return Folded(
        side=fold.side,
        volume_open_lots=abs(fold.open),
        volume_closed_lots=fold.closed,
        volume_base_lots=fold.base,
        risk_money=fold.risk_base,
        price_open=fold.price_open.quantize(PRICE_STEP),
        price_close=(fold.closed_value / fold.closed).quantize(PRICE_STEP) if fold.closed else None,
        net=sum(money.values(), ZERO),
        opened_at=openings[0].at,
        closed_at=trading[-1].at if is_closed else None,
        is_complete=is_complete,
        **money,
    )


def _apply(fold: _Fold, deal: ReportedDeal, risk: Decimal | None) -> None:
    direction = 1 if deal.kind == "buy" else -1
    is_rebuilt = deal.reason in REBUILD_REASONS
    if deal.entry == "in":
        fold.open_more(direction, deal.volume_lots, deal.price, risk, is_rebuilt=is_rebuilt)
    elif deal.entry == "inout":
        fold.flip(direction, deal.volume_lots, deal.price, risk)
    else:
        fold.close_some(deal.volume_lots, deal.price, is_rebuilt=is_rebuilt)
