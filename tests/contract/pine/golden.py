"""The golden files of `pine/golden/`, and the bars they were made from."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PINE = Path(__file__).resolve().parents[3] / "pine"
GOLDEN = PINE / "golden"
CASES: dict[str, dict[str, Any]] = {
    one["name"]: one for one in json.loads((PINE / "harness/cases.json").read_text())["cases"]
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a fixture; `time` is its opening in epoch milliseconds."""

    time: int
    open: float
    high: float
    low: float
    close: float


def lines_of(case: str) -> list[str]:
    """The alerts of a case as sent, one text each."""
    return (GOLDEN / f"{case}.jsonl").read_text().splitlines()


def messages_of(case: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(case)]


def bars_of(case: str) -> list[Bar]:
    one = CASES[case]
    with (PINE / "harness/fixtures" / one["bars"]).open() as file:
        rows = list(csv.DictReader(file))
    prices = ("open", "high", "low", "close")
    bars = [Bar(int(row["time"]) * 1000, *(float(row[name]) for name in prices)) for row in rows]
    return bars[: one.get("count", len(bars))]
