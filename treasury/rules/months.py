"""Months of UTC, by which results are told."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_FORM = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month; as text `2026-11`."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def begins_at(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """When the next one begins."""
        return self.next.begins_at

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)


def month_of(moment: datetime) -> Month:
    """The month in which the moment lies."""
    at = moment.astimezone(UTC)
    return Month(at.year, at.month)


def month_read(text: str) -> Month | None:
    """`2026-11` as a month; None for any other text."""
    found = _FORM.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found else None
