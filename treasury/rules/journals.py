"""The ledger as text that other bookkeeping programs check: beancount, hledger, CSV. Pure.

Entries stand under the day on which they were recorded, in the order of their recording, so that
dates never fall back; their own time is beside them. Every amount has all 18 digits: both programs
take a tolerance from the digits that they see.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from fusion_project.text.formats import iso
from treasury.rules.canonical import StoredEntry
from treasury.rules.drafts import EXACT, amount_text

CSV_COLUMNS: Final = (
    "entry",
    "recorded_at",
    "event_at",
    "kind",
    "idem_key",
    "source",
    "trace_id",
    "reverses",
    "n",
    "account",
    "currency",
    "amount",
    "sha256",
)


@dataclass(frozen=True, slots=True)
class JournalAccount:
    """An account as a journal opens it."""

    code: str
    currency: str
    opened: date


@dataclass(frozen=True, slots=True)
class JournalPrice:
    """What one `base` cost in `quote` on a day."""

    day: date
    base: str
    quote: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Opening:
    """What a journal begins with: accounts by their codes, prices by their times."""

    accounts: Sequence[JournalAccount]
    prices: Sequence[JournalPrice] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A stored entry and the hash of its leaf."""

    entry: StoredEntry
    sha256: str


@dataclass(slots=True)
class Standing:
    """What every account holds after the entries so far, and the day of the newest."""

    sums: dict[tuple[str, str], Decimal]
    day: date | None = None

    def add(self, entry: StoredEntry) -> None:
        self.day = entry.recorded_at.date()
        for line in entry.lines:
            place = (line.account_code, line.currency)
            self.sums[place] = EXACT.add(self.sums.get(place, Decimal(0)), line.amount)


Journal = Callable[[str, Opening, Iterable[Sealed]], Iterator[str]]


def beancount(book: str, opening: Opening, rows: Iterable[Sealed]) -> Iterator[str]:
    """For `bean-check`: accounts opened with their one currency, prices, entries, all balances."""
    yield f'option "title" "{book} book"\noption "tolerance_multiplier" "0"\n\n'
    for one in opening.accounts:
        yield f"{one.opened} open {one.code} {one.currency}\n"
    for told in opening.prices:
        yield f"{told.day} price {told.base} {amount_text(told.price)} {told.quote}\n"
    standing = Standing({})
    for row in rows:
        standing.add(row.entry)
        yield _beancount_entry(row)
    if standing.day is not None:
        # A balance holds at the start of its day.
        after = standing.day + timedelta(days=1)
        yield "\n"
        for (code, currency), amount in sorted(standing.sums.items()):
            yield f"{after} balance {code} {amount_text(amount)} ~ 0 {currency}\n"


def _beancount_entry(row: Sealed) -> str:
    entry = row.entry
    facts = {**_facts(row), "note": entry.note}
    told = "".join(f"  {name}: {_quoted(value)}\n" for name, value in facts.items() if value)
    lines = "".join(
        f"  {line.account_code} {amount_text(line.amount)} {line.currency}\n"
        for line in entry.lines
    )
    day, kind = entry.recorded_at.date(), _quoted(entry.kind)
    return f"\n{day} * {kind} {_quoted(entry.idem_key)}\n{told}{lines}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def hledger(book: str, opening: Opening, rows: Iterable[Sealed]) -> Iterator[str]:
    """For `hledger check --strict ordereddates`: commodities with 18 digits, then the same."""
    yield f"; {book} book\ndecimal-mark .\n\n"
    for currency in sorted(_currencies(opening)):
        yield f"commodity 1.{'0' * 18} {_commodity(currency)}\n"
    for one in opening.accounts:
        yield f"account {one.code}\n"
    for told in opening.prices:
        price = f"{amount_text(told.price)} {_commodity(told.quote)}"
        yield f"P {told.day} {_commodity(told.base)} {price}\n"
    standing = Standing({})
    for row in rows:
        standing.add(row.entry)
        yield _hledger_entry(row)
    if standing.sums:
        yield f"\n{standing.day} * balances\n"
        for (code, currency), amount in sorted(standing.sums.items()):
            unit = _commodity(currency)
            yield f"  {code}  0 {unit} = {amount_text(amount)} {unit}\n"


def _hledger_entry(row: Sealed) -> str:
    entry = row.entry
    told = "".join(f"  ; {name}: {value}\n" for name, value in _facts(row).items() if value)
    lines = "".join(
        f"  {line.account_code}  {amount_text(line.amount)} {_commodity(line.currency)}\n"
        for line in entry.lines
    )
    return f"\n{entry.recorded_at.date()} * ({entry.id}) {entry.kind}\n{told}{lines}"


def _currencies(opening: Opening) -> set[str]:
    priced = {code for told in opening.prices for code in (told.base, told.quote)}
    return priced | {one.currency for one in opening.accounts}


def _commodity(currency: str) -> str:
    """hledger takes a name with digits only in quotes."""
    return currency if currency.isalpha() else f'"{currency}"'


def _facts(row: Sealed) -> Mapping[str, str]:
    entry = row.entry
    return {
        "entry": str(entry.id),
        "key": entry.idem_key,
        "recorded": iso(entry.recorded_at),
        "happened": iso(entry.event_at),
        "source": entry.source,
        "trace": entry.trace_id,
        "reverses": str(entry.reverses_id or ""),
        "sha256": row.sha256,
    }


def table(book: str, opening: Opening, rows: Iterable[Sealed]) -> Iterator[str]:
    """CSV with a row for each line, for spreadsheets and scripts; notes of people are left out."""
    del book, opening
    yield _csv_text([CSV_COLUMNS])
    for row in rows:
        entry, facts = row.entry, _facts(row)
        yield _csv_text(
            (
                entry.id,
                facts["recorded"],
                facts["happened"],
                entry.kind,
                entry.idem_key,
                entry.source,
                entry.trace_id,
                facts["reverses"],
                line.n,
                line.account_code,
                line.currency,
                amount_text(line.amount),
                row.sha256,
            )
            for line in entry.lines
        )


def _csv_text(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


JOURNALS: Final[Mapping[str, Journal]] = {"beancount": beancount, "hledger": hledger, "csv": table}
