"""A broker's clock → UTC. Pure.

A terminal knows today's offset alone. For a deal of another day the account's zone decides, else
the offsets under which its other deals were told on their day; what is a guess is marked.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

# A deal that is told so soon was made under the offset that the terminal tells.
TOLD_AT_ONCE: Final = timedelta(minutes=10)
# Clocks differ by less.
AHEAD_MAX: Final = timedelta(minutes=5)
# MetaTrader 5 opened in 2010. Seconds told for milliseconds come out in 1970.
FIRST_YEAR: Final = 2010
_FORM: Final = re.compile(r"([A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)(?: ([+-]\d{1,2}) h)?")


@dataclass(frozen=True, slots=True)
class BrokerZone:
    """A zone of the time zone database, and hours that the broker's clock is ahead of it.

    Many brokers keep to New York's changes: `America/New_York +7 h`.
    """

    name: str
    ahead: timedelta

    @classmethod
    def read(cls, text: str) -> "BrokerZone":
        """Read `Europe/Athens` or `America/New_York +7 h`. Raises ValueError."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no zone such as Europe/Athens, or America/New_York +7 h")
        name, hours = found.groups()
        try:
            ZoneInfo(name)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"{name!r} is not in the time zone database") from error
        return cls(name, timedelta(hours=int(hours or 0)))

    def offset_at_utc(self, at: datetime) -> int:
        """Return the offset, in seconds, at a moment."""
        offset = at.astimezone(ZoneInfo(self.name)).utcoffset() or timedelta(0)
        return int((offset + self.ahead).total_seconds())

    def offsets_at(self, time_msc: int) -> tuple[int, ...]:
        """Return the offsets, in seconds, that this time on the broker's clock can have.

        Two in the hour that comes twice.
        """
        zone = ZoneInfo(self.name)
        local = datetime.fromtimestamp(time_msc / 1000, tz=UTC).replace(tzinfo=None) - self.ahead
        found = {
            int((offset + self.ahead).total_seconds())
            for fold in (0, 1)
            if (offset := local.replace(tzinfo=zone, fold=fold).utcoffset()) is not None
        }
        return tuple(sorted(found, reverse=True))


@dataclass(frozen=True, slots=True)
class DealMoment:
    """The offset that counts, and whether it is known or a guess."""

    offset_seconds: int
    is_sure: bool = True


def deal_moment(
    *,
    time_msc: int,
    told_seconds: int,
    received_at: datetime,
    zone: BrokerZone | None = None,
    before_seconds: int | None = None,
) -> DealMoment:
    """Return the offset of one deal. `before_seconds`: the one known of the last deal before it.

    Where that is the one told today, no change of clocks lies between, and it is the deal's too.
    """
    if zone is not None:
        possible = zone.offsets_at(time_msc)
        if told_seconds in possible:
            return DealMoment(told_seconds)
        return DealMoment(possible[0], is_sure=len(possible) == 1)
    lag = received_at - utc_of_broker(time_msc, told_seconds)
    if abs(lag) <= TOLD_AT_ONCE or before_seconds == told_seconds:
        return DealMoment(told_seconds)
    if lag < -AHEAD_MAX and before_seconds is not None:
        # Under the offset told it has not happened yet.
        return DealMoment(before_seconds, is_sure=False)
    return DealMoment(told_seconds, is_sure=False)


def utc_of_broker(time_msc: int, offset_seconds: int) -> datetime:
    """Return the moment of a time on the broker's clock."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + timedelta(milliseconds=time_msc, seconds=-offset_seconds)


def why_it_cannot_be(at: datetime, *, received_at: datetime) -> str:
    """Return what is wrong with a deal's moment, or ''."""
    if at.year < FIRST_YEAR:
        return f"{at:%Y-%m-%d} is before MetaTrader 5; were seconds told for milliseconds?"
    if at > received_at + AHEAD_MAX:
        return f"{at:%Y-%m-%d %H:%M:%S} UTC is still to come; is the broker's offset right?"
    return ""
