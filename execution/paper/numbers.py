"""How the paper broker counts: money, volumes, time, the order of stops."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Any

from execution.paper.terms import PaperSymbol, TradeRequest
from execution.wire.fields import number_text as text

DEPOSIT = Decimal(10_000)
SWAP_PER_LOT_NIGHT = Decimal("-1.20")
SLIPPAGE_POINTS_MAX = 3
LEVERAGE = Decimal(100)
CENT = Decimal("0.01")
COMMISSION_PER_LOT = Decimal("3.00")


def utc_now() -> datetime:
    """Return the machine's time; the server's clock plays no part at the broker."""
    return datetime.now(tz=UTC)


def commission(volume: Decimal) -> Decimal:
    """What the broker takes for so many lots, as a loss."""
    return -cents(COMMISSION_PER_LOT * volume)


def cents(value: Decimal) -> Decimal:
    """Money to the cent."""
    return value.quantize(CENT, rounding=ROUND_HALF_EVEN)


def volume_is_right(volume: Decimal, symbol: PaperSymbol) -> bool:
    """Whether the symbol is sold in such a volume."""
    return symbol.lot_min <= volume <= symbol.lot_max and volume % symbol.lot_step == 0


def stops_are_right(request: TradeRequest, price: Decimal) -> bool:
    """Whether stop, price and target stand in their order."""
    ladder = [one for one in (request.sl, price, request.tp) if one is not None]
    if request.side == "sell":
        ladder.reverse()
    return all(low < high for low, high in pairwise(ladder))


def margin(position: Mapping[str, Any], symbols: Mapping[str, PaperSymbol]) -> Decimal:
    """What an open position binds."""
    size = Decimal(position["volume"]) * symbols[position["symbol"]].contract_size
    return cents(Decimal(position["price"]) * size / LEVERAGE)


def pending_ends_at(request: TradeRequest, moment: datetime) -> datetime | None:
    """When a resting order is taken away: at its moment, or at the end of the broker's day."""
    if request.expiration == "day":
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
    return request.good_until if request.expiration == "specified" else None


def levels(sl: str | None, tp: str | None) -> dict[str, str]:
    """Stop and target of a deal, those that there are."""
    return {name: level for name, level in (("sl", sl), ("tp", tp)) if level is not None}


def text_or_none(value: Decimal | None) -> str | None:
    """A number as the book keeps it."""
    return None if value is None else text(value)


def decimal_or_none(value: str | None) -> Decimal | None:
    """A number as the book kept it."""
    return None if value is None else Decimal(value)
