"""How the paper broker counts: money, volumes, the order of stops."""

from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

from execution.paper.terms import PaperSymbol, TradeRequest
from execution.wire.fields import number_text as text

CENT = Decimal("0.01")
COMMISSION_PER_LOT = Decimal("3.00")


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


def text_or_none(value: Decimal | None) -> str | None:
    """A number as the book keeps it."""
    return None if value is None else text(value)


def decimal_or_none(value: str | None) -> Decimal | None:
    """A number as the book kept it."""
    return None if value is None else Decimal(value)
