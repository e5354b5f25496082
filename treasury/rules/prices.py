"""Prices of one currency in another: read from CSV, and what an amount comes to at one. Pure.

The file has a header with just these columns, UTF-8, commas, a point for decimals, times in UTC.
What cannot be read is told by line number, and then nothing of the file counts.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from treasury.rules.allocation import rounded_down
from treasury.rules.drafts import EXACT
from treasury.rules.statements import FAULTS_MAX, LINES_MAX, Fault

COLUMNS: Final = ("base", "quote", "price", "time", "source")
# So old may a price be that converts money; the trigger of conversions holds the same.
PRICE_HOURS_MAX: Final = 24
IMPORT, QUOTES, BARS = "import", "quotes", "bars"
# No exponent and no sign: what a program prints of a float is none of it.
_PRICE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,18})?")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")
_TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class PriceTold:
    """What one `base` costs in `quote` at a moment, as `source` says; perhaps not stored yet."""

    base: str
    quote: str
    price: Decimal
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One line of a file."""

    line: int
    told: PriceTold


def prices_read(text: str) -> tuple[list[PriceRow], list[Fault]]:
    """Rows and faults; with a fault, take no row."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    rows: list[PriceRow] = []
    faults: list[Fault] = []
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            return [], [Fault(1, f"expected the columns {','.join(COLUMNS)}, was {header}"[:300])]
        for number, values in enumerate(reader, start=2):
            if number > LINES_MAX or len(faults) >= FAULTS_MAX:
                faults.append(Fault(number, "no further line was read"))
                break
            words = _words_against(values)
            faults += [Fault(number, one[:300]) for one in words]
            if not words:
                rows.append(PriceRow(number, _told(values)))
    except csv.Error as error:
        faults.append(Fault(reader.line_num, f"this is no CSV: {error}"))
    if not rows and not faults:
        faults.append(Fault(1, "no price follows"))
    return rows, faults


def faults_of(
    rows: Iterable[PriceRow], *, currencies: Collection[str], now: datetime
) -> list[Fault]:
    """Rows in a currency that the ledger does not know, from the future, or told twice."""
    seen: set[tuple[str, str, datetime, str]] = set()
    found = []
    for row in rows:
        told = row.told
        found += [
            Fault(row.line, f"the ledger has no currency {code}")
            for code in (told.base, told.quote)
            if code not in currencies
        ]
        if told.at > now:
            found.append(Fault(row.line, f"{told.at:{_TIME_FORM}} is yet to come"))
        key = (told.base, told.quote, told.at, told.source)
        if key in seen:
            found.append(Fault(row.line, "the same source, pair and time come twice"))
        seen.add(key)
    return found[:FAULTS_MAX]


def converted(amount: Decimal, price: Decimal, *, is_inverse: bool, digits: int) -> Decimal:
    """What `amount` comes to, rounded down to `digits` digits.

    `is_inverse`: the price says what one unit of the target costs in the amount's currency.
    """
    exact = EXACT.divide(amount, price) if is_inverse else EXACT.multiply(amount, price)
    return rounded_down(exact, digits)


def _words_against(values: list[str]) -> list[str]:
    if len(values) != len(COLUMNS):
        return [f"expected {len(COLUMNS)} values, was {len(values)}"]
    base, quote, price, time, source = values
    words = []
    if base == quote:
        words.append(f"{base!r} has no price in itself")
    if not _PRICE.fullmatch(price) or Decimal(price) == 0:
        words.append(f"price {price!r} is no decimal above zero with at most 18 places")
    if _moment(time) is None:
        words.append(f"time {time!r} is not like 2026-03-02T10:00:00Z")
    if not _SOURCE.fullmatch(source):
        words.append(f"source {source!r} is no name of letters, digits and .-_/, at most 40")
    return words


def _told(values: list[str]) -> PriceTold:
    base, quote, price, time, source = values
    at = _moment(time)
    assert at is not None
    return PriceTold(base, quote, Decimal(price), at, f"{IMPORT}:{source}")


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.strptime(text, _TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    # `strptime` lets leading zeros go.
    return at if at.strftime(_TIME_FORM) == text else None
