"""Members of the executor API. A number is patterned text on the wire, checked and converted once.

JSON numbers never carry money, prices, volumes or tickets: a float has rounded before it is read.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from msgspec import Meta

TICKET_MAX = 2**63 - 1
TIME_MSC_MAX = 4_102_444_800_000  # the year 2100
TEXT_MAX = 500
COMMENT_MAX = 64
# How far this code reads and writes the contract; docs/executor.md says what came with which.
API_MINOR = 4


class _DecimalText(Decimal):
    """A `Decimal` that was text of its class's pattern; bounds keep sums and quotients exact."""

    __slots__ = ()
    pattern: ClassVar[str]
    says: ClassVar[str]

    @classmethod
    def read(cls, text: str) -> Self:
        """Convert the text. Raises ValueError where it is not of the pattern."""
        if not re.fullmatch(cls.pattern, text):
            raise ValueError(f"Expected {cls.says}, as text")
        return cls(text)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{cls.pattern}$", "description": cls.says}


class Money(_DecimalText):
    """Amount in the account's currency."""

    pattern = r"-?[0-9]{1,12}(\.[0-9]{1,10})?"
    says = "a signed amount with at most 12 whole and 10 further digits"


class Price(_DecimalText):
    """Price of the symbol; oil was sold below zero in 2020."""

    pattern = r"-?[0-9]{1,10}(\.[0-9]{1,10})?"
    says = "a decimal with at most 10 whole and 10 further digits"


class PriceAboveZero(Price):
    """A value of the contract sheet that something is divided by, or a distance."""

    pattern = r"(?=.*[1-9])[0-9]{1,10}(\.[0-9]{1,10})?"
    says = f"{Price.says}, above 0"


class Lots(_DecimalText):
    """Volume in the broker's lots."""

    pattern = r"[0-9]{1,6}(\.[0-9]{1,8})?"
    says = "lots with at most 6 whole and 8 further digits"


class LotsAboveZero(Lots):
    """A limit or step of volumes."""

    pattern = rf"(?=.*[1-9]){Lots.pattern}"
    says = f"{Lots.says} above 0"


class Ticket(int):
    """A number of the broker's, within 63 bits, or an order id, which lies below 2^52."""

    says = f"a whole number from 0 to {TICKET_MAX}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Convert the text. Raises ValueError where it is no number of 63 bits."""
        if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > TICKET_MAX:
            raise ValueError(f"Expected {cls.says}, as text")
        return cls(text)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{1,19}$", "description": cls.says}


class Text(str):
    """Free text without its control characters; Postgres stores no NUL."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Take the text. Raises ValueError where it is too long."""
        if len(text) > TEXT_MAX:
            raise ValueError(f"Expected text of at most {TEXT_MAX} characters")
        return cls(plain_text(text))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "maxLength": TEXT_MAX}


class Comment(Text):
    """A deal's comment; what is beyond 64 characters is cut off."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(super().read(text)[:COMMENT_MAX])


class MomentText(str):
    """A moment in UTC with milliseconds, as ISO 8601 writes it."""

    __slots__ = ()
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
    says = "a UTC time such as 2026-03-02T12:00:00.000Z"

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Write an aware moment down."""
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
        return cls(text.replace("+00:00", "Z"))

    @classmethod
    def read(cls, text: str) -> Self:
        """Take the text. Raises ValueError where it is no such time."""
        if not re.fullmatch(cls.pattern, text):
            raise ValueError(f"Expected {cls.says}")
        datetime.fromisoformat(text)
        return cls(text)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{cls.pattern}$", "description": cls.says}

    @property
    def at(self) -> datetime:
        """The moment, aware."""
        return datetime.fromisoformat(self)


Word = Annotated[str, Meta(pattern=r"^[!-~]{1,64}\Z")]
Label = Annotated[str, Meta(pattern=r"^[ -~]{0,64}\Z")]
Seq = Annotated[int, Meta(ge=1, le=2**53)]
Fence = Annotated[int, Meta(ge=0, le=2**53)]
TimeMsc = Annotated[int, Meta(ge=0, le=TIME_MSC_MAX)]
Minor = Annotated[int, Meta(ge=0, le=1_000, description="How far this side reads the contract")]
BootNonce = Annotated[
    str,
    Meta(pattern=r"^[!-~]{0,64}\Z", description="Made anew by each run and kept in memory alone"),
]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
Offset = Annotated[int, Meta(ge=-86_400, le=86_400, description="Broker time east of UTC")]
# A broker's name of a symbol may hold blanks, `@`, `#` and trailing dots.
Symbol = Annotated[str, Meta(pattern=r"^[!-~]([ -~]{0,62}[!-~])?\Z")]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
Versions = Annotated[dict[Word, Label], Meta(max_length=16)]
Milliseconds = Annotated[int, Meta(ge=0, le=86_400_000)]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_of(time_msc: int, offset_seconds: int) -> datetime:
    """Return the moment in UTC of a time as the broker's clock shows it."""
    return _EPOCH + timedelta(milliseconds=time_msc, seconds=-offset_seconds)


def one_of(*words: str) -> Meta:
    """Bound a text to these words."""
    pattern = rf"^({'|'.join(words)})\Z"
    return Meta(pattern=pattern, extra_json_schema={"enum": list(words)})


_Read = Money | Price | Lots | Ticket | Text | MomentText


def text_convert(kind: type[_Read], value: object) -> _Read:
    """msgspec's `dec_hook` of these classes. Raises TypeError, ValueError; the path is added."""
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    return kind.read(value)


def number_text(number: Decimal) -> str:
    """Return the number in plain notation, without exponent and trailing zeros."""
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def text_write(value: object) -> str:
    """msgspec's `enc_hook` of these classes. Raises TypeError."""
    if isinstance(value, _DecimalText):
        return number_text(value)
    if isinstance(value, Ticket | Text | MomentText):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no member of a message")


def text_schema(kind: type[_Read]) -> dict[str, Any]:
    """msgspec's `schema_hook` of these classes."""
    return kind.schema()


def plain_text(text: str) -> str:
    """Return the text without control characters."""
    return "".join(char for char in text if char.isprintable())
