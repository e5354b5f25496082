"""How the paper broker counts: money, volumes, time."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from execution.wire.fields import number_text as text

DEPOSIT = Decimal(10_000)
LEVERAGE = Decimal(100)
CENT = Decimal("0.01")
COMMISSION_PER_LOT = Decimal("3.00")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """Return the machine's time; the server's clock plays no part at the broker."""
    return datetime.now(tz=UTC)


def milliseconds(moment: datetime) -> int:
    """Return the time as deals have it."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def commission(volume: Decimal) -> Decimal:
    """What the broker takes for so many lots, as a loss."""
    return -cents(COMMISSION_PER_LOT * volume)


def cents(value: Decimal) -> Decimal:
    """Money to the cent."""
    return value.quantize(CENT, rounding=ROUND_HALF_EVEN)


def gain(side: str, opened: Decimal, closed: Decimal) -> Decimal:
    """What a position has gained, in the symbol's price."""
    return closed - opened if side == "buy" else opened - closed


def day_end(moment: datetime) -> datetime:
    """When the broker's day is over."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def text_or_none(value: Decimal | None) -> str | None:
    """A number as the book keeps it."""
    return None if value is None else text(value)


def decimal_or_none(value: str | None) -> Decimal | None:
    """A number as the book kept it."""
    return None if value is None else Decimal(value)
