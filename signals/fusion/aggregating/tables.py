"""Tables of experts and outcomes as rounds. The first fault is told with its file and line."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ROUND: Final = "round"
SUM_TOLERANCE: Final = 0.001
VALUE_MAX: Final = 1e100
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class TableInvalid(Exception):
    """A table that cannot be used; the text names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number in the file, its cells as numbers (None is empty), and its round."""

    line: int
    cells: tuple[float | None, ...]
    round: str


@dataclass(frozen=True, slots=True)
class Table:
    """`names` are those of the columns without the one called `round`."""

    file: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    has_rounds: bool

    def invalid(self, line: int, reason: str) -> TableInvalid:
        """The fault of one line."""
        return TableInvalid(f"{self.file}, line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class ChanceRound:
    """Each expert's chances of all outcomes, or None where it sleeps; which outcome happened."""

    experts: tuple[tuple[float, ...] | None, ...]
    outcome: int


@dataclass(frozen=True, slots=True)
class NumberRound:
    """Each expert's number, or None where it sleeps; what it turned out to be."""

    experts: tuple[float | None, ...]
    outcome: float


def table_read(file: str, text: str) -> Table:
    """Read a table with a line of column names. Raises TableInvalid."""
    lines = _lines(file, text)
    first, header = next(lines, (1, []))
    names = [name.strip() for name in header]
    table = Table(file, (), (), has_rounds=ROUND in names)
    if not names:
        raise table.invalid(1, "it is empty; the first line names the columns")
    if any(_NUMBER.fullmatch(name) for name in names):
        raise table.invalid(first, "the first line must name the columns, and holds numbers")
    if "" in names or len(set(names)) < len(names):
        raise table.invalid(first, "each column needs a name of its own")
    place = names.index(ROUND) if table.has_rounds else None
    rows = tuple(_row(table, len(names), place, line, cells) for line, cells in lines)
    kept = tuple(name for name in names if name != ROUND)
    if not kept:
        raise table.invalid(first, f"there is no column beside {ROUND}")
    if not rows:
        raise table.invalid(first, "no line follows the names of the columns")
    return Table(file, kept, rows, table.has_rounds)


def chance_rounds(experts: Table, outcomes: Table) -> tuple[ChanceRound, ...]:
    """Rounds of chances from 0 to 1. Raises TableInvalid.

    Without a column `round` each line is a round of its own: the chance of 1. With it, lines that
    follow each other with the same round are the outcomes of one forecast.
    """
    pairs = _pairs(experts, outcomes)
    for row, result in pairs:
        for name, p in zip(experts.names, row.cells, strict=True):
            if p is not None and not 0 <= p <= 1:
                raise experts.invalid(row.line, f"{name} is not a chance from 0 to 1: {p:g}")
        if result.cells[0] not in (0, 1):
            raise outcomes.invalid(result.line, "an outcome is 0 or 1")
    if not experts.has_rounds:
        return tuple(
            ChanceRound(
                tuple(None if p is None else (1 - p, p) for p in row.cells),
                int(result.cells[0] or 0),
            )
            for row, result in pairs
        )
    return tuple(_joined(experts, outcomes, group) for group in _groups(experts, pairs))


def number_rounds(experts: Table, outcomes: Table) -> tuple[NumberRound, ...]:
    """Rounds of numbers. Raises TableInvalid."""
    if experts.has_rounds:
        raise experts.invalid(1, f"a column {ROUND} joins chances; square loss has none")
    found = []
    for row, result in _pairs(experts, outcomes):
        for table, one in ((experts, row), (outcomes, result)):
            for name, value in zip(table.names, one.cells, strict=True):
                if value is not None and abs(value) > VALUE_MAX:
                    raise table.invalid(one.line, f"{name} is beyond {VALUE_MAX:g}")
        found.append(NumberRound(row.cells, result.cells[0] or 0.0))
    return tuple(found)


def _lines(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.rstrip("\r\n").splitlines(keepends=True), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise TableInvalid(f"{file}, line {reader.line_num}: {error}") from error


def _row(table: Table, width: int, place: int | None, line: int, cells: list[str]) -> Row:
    if not cells:
        raise table.invalid(line, 'the line is empty; one expert that sleeps is ""')
    if len(cells) != width:
        raise table.invalid(line, f"{len(cells)} cells where {width} columns are named")
    label = "" if place is None else cells[place].strip()
    if place is not None and not label:
        raise table.invalid(line, f"the column {ROUND} is empty")
    kept = [cell for index, cell in enumerate(cells) if index != place]
    return Row(line, tuple(_number(table, line, cell.strip()) for cell in kept), label)


def _number(table: Table, line: int, cell: str) -> float | None:
    if not cell:
        return None
    value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(value):
        raise table.invalid(line, f"{cell[:40]!r} is not a number")
    return value


def _pairs(experts: Table, outcomes: Table) -> list[tuple[Row, Row]]:
    if len(outcomes.names) != 1:
        raise outcomes.invalid(1, f"one column of outcomes is needed, not {len(outcomes.names)}")
    if outcomes.has_rounds and not experts.has_rounds:
        raise outcomes.invalid(1, f"it has a column {ROUND}, and {experts.file} has none")
    short, long = sorted((experts, outcomes), key=lambda table: len(table.rows))
    if len(short.rows) < len(long.rows):
        line = long.rows[len(short.rows)].line
        raise long.invalid(line, f"{short.file} has no line for this one")
    for row, result in zip(experts.rows, outcomes.rows, strict=True):
        if result.cells[0] is None:
            raise outcomes.invalid(result.line, "the outcome is missing")
        if outcomes.has_rounds and result.round != row.round:
            raise outcomes.invalid(
                result.line, f"round {result.round!r}, but {row.round!r} in {experts.file}"
            )
    return list(zip(experts.rows, outcomes.rows, strict=True))


def _groups(experts: Table, pairs: Sequence[tuple[Row, Row]]) -> list[list[tuple[Row, Row]]]:
    groups: list[list[tuple[Row, Row]]] = []
    seen: set[str] = set()
    for row, result in pairs:
        if groups and groups[-1][0][0].round == row.round:
            groups[-1].append((row, result))
            continue
        if row.round in seen:
            raise experts.invalid(row.line, f"round {row.round!r} began earlier and was left")
        seen.add(row.round)
        groups.append([(row, result)])
    return groups


def _joined(experts: Table, outcomes: Table, group: list[tuple[Row, Row]]) -> ChanceRound:
    (first, _), (last, result) = group[0], group[-1]
    if len(group) < 2:
        raise experts.invalid(first.line, f"round {first.round!r} has a single outcome")
    happened = [index for index, (_, one) in enumerate(group) if one.cells[0] == 1]
    if len(happened) != 1:
        raise outcomes.invalid(
            result.line, f"in round {first.round!r} {len(happened)} outcomes are 1, not one"
        )
    told: list[tuple[float, ...] | None] = []
    for column, name in enumerate(experts.names):
        chances = [p for row, _ in group if (p := row.cells[column]) is not None]
        if chances and len(chances) < len(group):
            raise experts.invalid(last.line, f"{name} answers a part of round {first.round!r}")
        total = math.fsum(chances)
        if chances and abs(total - 1) > SUM_TOLERANCE:
            raise experts.invalid(
                last.line, f"{name} adds up to {total:g} in round {first.round!r}, not to 1"
            )
        told.append(tuple(p / total for p in chances) or None)
    return ChanceRound(tuple(told), happened[0])
