"""A broker's statement as CSV, read strictly, and compared with our deals ticket by ticket. Pure.

One row for each deal, a header with just these columns, UTF-8, commas, a point for decimals. What
cannot be read is told by line number, and then nothing of the file counts.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

COLUMNS = (
    "login",
    "ticket",
    "time",
    "kind",
    "symbol",
    "volume",
    "price",
    "profit",
    "swap",
    "commission",
    "fee",
)
AMOUNTS = ("volume", "price", "profit", "swap", "commission", "fee")
COMPARED = ("time", "kind", "symbol", *AMOUNTS)
MISSING = "missing"
LINES_MAX = 200_000
FAULTS_MAX = 50
# No exponent, no sign but a minus, no thousands: what a program prints of a float is none of it.
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,8})?")
_TICKET = re.compile(r"[1-9][0-9]{0,17}")
_TIME_FORM = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class StatementDeal:
    """One row; `time_seconds` by the broker's clock, amounts exact."""

    line: int
    ticket: int
    time_seconds: int
    kind: str
    symbol: str
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the statement says otherwise; `missing` where it lacks a deal of its own time."""

    ticket: int
    column: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the file is not taken; line 1 is the header."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


def statement_read(text: str, *, login: str) -> tuple[list[StatementDeal], list[Fault]]:
    """Rows and faults; with a fault, take no row."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    deals: list[StatementDeal] = []
    faults: list[Fault] = []
    seen: set[int] = set()
    try:
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            return [], [Fault(1, f"expected the columns {','.join(COLUMNS)}, was {header}"[:300])]
        for number, row in enumerate(rows, start=2):
            if number > LINES_MAX or len(faults) >= FAULTS_MAX:
                faults.append(Fault(number, "no further line was read"))
                break
            found = _row(number, row, login, seen)
            if isinstance(found, StatementDeal):
                deals.append(found)
            else:
                faults += found
    except csv.Error as error:
        faults.append(Fault(rows.line_num, f"this is no CSV: {error}"))
    if not deals and not faults:
        faults.append(Fault(1, "no deal follows"))
    return deals, faults


def _row(number: int, row: list[str], login: str, seen: set[int]) -> StatementDeal | list[Fault]:
    if len(row) != len(COLUMNS):
        return [Fault(number, f"expected {len(COLUMNS)} values, was {len(row)}")]
    values = dict(zip(COLUMNS, row, strict=True))
    words = []
    if values["login"] != login:
        words.append(f"it is of account {values['login']!r}, not {login!r}")
    if not _TICKET.fullmatch(values["ticket"]):
        words.append(f"ticket {values['ticket']!r} is no ticket")
    elif int(values["ticket"]) in seen:
        words.append(f"ticket {values['ticket']} comes twice")
    seconds = _seconds(values["time"])
    if seconds is None:
        words.append(f"time {values['time']!r} is not like 2026-03-02 10:00:00")
    words += [
        f"{name} {values[name]!r} is no decimal with at most eight places"
        for name in AMOUNTS
        if not _AMOUNT.fullmatch(values[name])
    ]
    if words or seconds is None:
        return [Fault(number, one[:300]) for one in words]
    seen.add(int(values["ticket"]))
    return StatementDeal(
        line=number,
        ticket=int(values["ticket"]),
        time_seconds=seconds,
        kind=values["kind"],
        symbol=values["symbol"],
        amounts={name: Decimal(values[name]) for name in AMOUNTS},
    )


def _seconds(text: str) -> int | None:
    try:
        return int(datetime.strptime(text, _TIME_FORM).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def faults_unknown(deals: Iterable[StatementDeal], known: Iterable[int]) -> list[Fault]:
    """Rows whose ticket no deal of ours has."""
    tickets = set(known)
    return [
        Fault(one.line, f"no deal of this account has ticket {one.ticket}")
        for one in deals
        if one.ticket not in tickets
    ]


def differences_of(
    theirs: Iterable[StatementDeal], ours: Mapping[int, StatementDeal]
) -> list[Difference]:
    """Each column that differs, by ticket; `ours` are all our deals of the statement's time."""
    rows = {one.ticket: one for one in theirs}
    found = []
    for ticket, told in sorted(rows.items()):
        mine, said = _texts(ours[ticket]), _texts(told)
        found += [
            Difference(ticket, name, mine[name], said[name])
            for name in COMPARED
            if mine[name] != said[name]
        ]
    lacking = sorted(ours.keys() - rows.keys())
    return found + [Difference(one, MISSING, "booked here", "not there") for one in lacking]


def _texts(deal: StatementDeal) -> dict[str, str]:
    time = datetime.fromtimestamp(deal.time_seconds, tz=UTC).strftime(_TIME_FORM)
    amounts = {name: f"{amount.normalize():f}" for name, amount in deal.amounts.items()}
    return {"time": time, "kind": deal.kind, "symbol": deal.symbol, **amounts}
