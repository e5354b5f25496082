"""Numbers, spans and times as text for the pages: one place, pure, never a float."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

UNDEFINED = "—"
MINUS = "−"
# No-break, so that a number never splits across two lines.
THIN_SPACE = "\u202f"
_CENT = Decimal("0.01")


def grouped(number: Decimal, *, places: int) -> str:
    """Thousands by thin space, a real minus sign, exactly `places` decimals."""
    quantum = Decimal(1).scaleb(-places)
    rounded = number.quantize(quantum, rounding=ROUND_HALF_EVEN)
    text = f"{abs(rounded):,f}".replace(",", THIN_SPACE)
    return f"{MINUS}{text}" if rounded < 0 else text


def money(amount: Decimal | None) -> str:
    return UNDEFINED if amount is None else grouped(amount, places=2)


def signed(amount: Decimal | None, *, places: int = 2) -> str:
    """Like `grouped`, with a plus sign: the sign is printed wherever colour says gain or loss."""
    if amount is None:
        return UNDEFINED
    text = grouped(amount, places=places)
    return f"+{text}" if not text.startswith(MINUS) and text.strip("0.") else text


def tone(amount: Decimal | None) -> str:
    """The class name that goes with a result: gain, loss or nothing."""
    if amount is None or amount.quantize(_CENT, rounding=ROUND_HALF_EVEN) == 0:
        return ""
    return "gain" if amount > 0 else "loss"


def whole(number: int | None) -> str:
    return UNDEFINED if number is None else f"{number:,d}".replace(",", THIN_SPACE)


def plain_number(number: Decimal | None) -> str:
    """A price or a volume without trailing zeros, grouped as every other number."""
    return UNDEFINED if number is None else grouped(number, places=_own_places(number))


def price_text(price: Decimal | None, digits: int | None) -> str:
    """A price with at least the decimals that its symbol is quoted in."""
    if price is None:
        return UNDEFINED
    return grouped(price, places=max(_own_places(price), digits or 0))


def exact_number(amount: Decimal | None) -> str:
    """A ledger amount: every digit that is not a trailing zero, at least two decimals."""
    if amount is None:
        return UNDEFINED
    return grouped(amount, places=max(2, _own_places(amount)))


def _own_places(number: Decimal) -> int:
    """Decimals that are no trailing zeros."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def signed_exact(amount: Decimal | None) -> str:
    """Like `exact_number`, with a plus sign: results that a reader can add up to the last digit."""
    text = exact_number(amount)
    return f"+{text}" if amount is not None and amount > 0 else text


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 trade, 2 trades."""
    return f"{whole(number)} {noun}" if number == 1 else f"{whole(number)} {noun}s"


def span(seconds: Decimal | int | None) -> str:
    """A duration with its two largest units; milliseconds below one second.

    A duration below zero counts as none: two clocks differ, or two facts came in another order.
    What may lie on either side of now is told by `time_to`.
    """
    if seconds is None:
        return UNDEFINED
    exact = max(Decimal(0), Decimal(seconds))
    if exact < 1:
        return f"{int(exact * 1000)}{THIN_SPACE}ms"
    if exact < 10:
        return f"{exact.quantize(_CENT)}{THIN_SPACE}s"
    return _long_span(int(exact))


def _long_span(total: int) -> str:
    minutes, seconds = divmod(total, 60)
    hours, minutes_left = divmod(minutes, 60)
    days, hours_left = divmod(hours, 24)
    if days:
        return f"{days}{THIN_SPACE}d {hours_left}{THIN_SPACE}h"
    if hours:
        return f"{hours}{THIN_SPACE}h {minutes_left:02d}{THIN_SPACE}min"
    if minutes:
        return f"{minutes}{THIN_SPACE}min {seconds:02d}{THIN_SPACE}s"
    return f"{seconds}{THIN_SPACE}s"


def time_to(seconds: Decimal | int | None) -> str:
    """How far off a moment is: “in 5 s” while it comes, “5 s ago” once it has passed."""
    if seconds is None:
        return UNDEFINED
    return f"in {span(seconds)}" if seconds > 0 else f"{span(-seconds)} ago"


def seconds_between(earlier: datetime, later: datetime) -> Decimal:
    """Seconds from one to the other, exact to the microsecond."""
    gap = later - earlier
    return Decimal(gap.days * 86_400 + gap.seconds) + Decimal(gap.microseconds) / 1_000_000


def clock_text(at: datetime | None) -> str:
    return UNDEFINED if at is None else f"{at.astimezone(UTC):%H:%M:%S}"


def minute_text(at: datetime | None) -> str:
    return UNDEFINED if at is None else f"{at.astimezone(UTC):%d %b %H:%M}"


def second_text(at: datetime | None) -> str:
    return UNDEFINED if at is None else f"{at.astimezone(UTC):%d %b %H:%M:%S}"


def near_text(at: datetime, as_of: datetime) -> str:
    """The clock alone for times of the same day, with the date for older ones."""
    is_same_day = at.astimezone(UTC).date() == as_of.astimezone(UTC).date()
    return clock_text(at) if is_same_day else minute_text(at)


def exact_text(at: datetime | None) -> str:
    """Milliseconds too: for life lines, where hops are closer than a second."""
    if at is None:
        return UNDEFINED
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S}.{utc.microsecond // 1000:03d}"


def iso(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def chance(p: Decimal | None) -> str:
    """A probability in percent with one decimal."""
    if p is None:
        return UNDEFINED
    return percent(p * 100, places=1)


def percent(share: Decimal | None, places: int | None = None) -> str:
    """A number that is a percentage already, with the decimals asked for, else with its own."""
    if share is None:
        return UNDEFINED
    return f"{grouped(share, places=_own_places(share) if places is None else places)}{THIN_SPACE}%"


def places(number: Decimal | None, count: int) -> str:
    """A number with exactly so many decimals."""
    return UNDEFINED if number is None else grouped(number, places=count)


def ratio(number: Decimal | None) -> str:
    """How many times the second thing the first one is."""
    return UNDEFINED if number is None else f"{grouped(number, places=2)} : 1"


def seconds(exact: Decimal | None) -> str:
    """Seconds as scripts read them: a plain decimal."""
    return "" if exact is None else f"{exact:.3f}"


def state_word(code: str) -> str:
    """A stored state or reason code as words."""
    return code.replace("_", " ")
