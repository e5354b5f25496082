"""The example chart of a script: invented bars, the lines it draws and the alerts it sent."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from fusion_project.community.presenting.alert_words import (
    AlertRow,
    alert_row,
    chart_sentence,
    timeframe_words,
)

NOTICE: Final = "Example data: the prices are invented. This is no track record."
# TradingView's plot colours by name; the style sheet gives each a light and a dark tone.
_LOOKS: Final = {
    "#2196F3": "blue",
    "#FF9800": "orange",
    "#787B86": "grey",
    "#F23645": "red",
    "#089981": "teal",
    "#9C27B0": "purple",
}
_SIDES: Final = ("buy", "sell")
_MARK_LOOKS: Final = (*_SIDES, "exit", "other", "bar")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the legend; `look` names a colour and a stroke, or the shape of a mark."""

    title: str
    look: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart as text and rows, and `payload`, the JSON that the browser draws it from."""

    symbol: str
    bar_span: str
    sentence: str
    lines: list[Line]
    marks: list[Line]
    rows: list[AlertRow]
    payload: str
    etag: str


def chart_read(text: str) -> Chart | None:
    """Read a file of `golden/charts`; None where it is empty."""
    if not text:
        return None
    data = json.loads(text, parse_float=Decimal)
    rows = [alert_row(message) for message in data["alerts"]]
    places = _places(data["mintick"])
    payload = json.dumps(_drawn(data, rows, places), separators=(",", ":"), default=float)
    return Chart(
        symbol=data["symbol"],
        bar_span=timeframe_words(data["timeframe"]),
        sentence=chart_sentence(
            data["bars"], data["alerts"], timeframe=data["timeframe"], places=places
        ),
        lines=[_line(line) for line in data["lines"]],
        marks=_marks(rows),
        rows=rows,
        payload=payload,
        etag=f'"{hashlib.sha256(payload.encode()).hexdigest()[:32]}"',
    )


def _drawn(data: dict[str, Any], rows: list[AlertRow], places: int) -> dict[str, Any]:
    """The file with what the page's words add: a notice, the decimals, a mark for each alert."""
    marks = [
        {
            "time": row.at_seconds,
            "when": row.time,
            "label": row.label,
            "look": row.look,
            "side": row.side,
        }
        for row in rows
    ]
    lines = [{**line, "look": _line(line).look} for line in data["lines"]]
    return {"notice": NOTICE, **data, "lines": lines, "places": places, "marks": marks}


def _line(line: dict[str, Any]) -> Line:
    return Line(line["title"], _LOOKS.get(line["color"][:7].upper(), "grey"))


def _marks(rows: list[AlertRow]) -> list[Line]:
    """The shapes in use, with the words of all that wear each."""
    words: dict[str, list[str]] = {}
    for row in rows:
        word = row.label if row.look in _SIDES else row.label.partition(":")[0]
        if word not in words.setdefault(row.look, []):
            words[row.look].append(word)
    order = [look for look in _MARK_LOOKS if look in words]
    return [Line(", ".join(words[look]), look) for look in order]


def _places(mintick: Decimal | int) -> int:
    exponent = Decimal(mintick).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
