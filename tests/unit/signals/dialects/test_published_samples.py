"""Messages published in the wild, each judged as its line expects. Skipped where absent."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signals.dialects.base import Reading
from signals.intake.parsing import Unreadable
from tests.unit.signals.dialects.reading import CODES, read

ROOT = Path(os.environ.get("FUSION_SHARED") or Path(__file__).parents[5] / "shared")
SAMPLES = ROOT / "data" / "alert_samples.jsonl"
NOW = datetime(2026, 3, 2, 14, 30, 10, tzinfo=UTC)
STALE = timedelta(seconds=120)

# (event, side) of each leg; * stands for any side, close_all and cancel_all have none.
INTENTS: dict[str, list[tuple[str, str]]] = {
    "open_long": [("entry", "buy")],
    "close": [("exit", "*")],
    "partial_close": [("partial_exit", "*")],
    "reverse_to_short": [("exit", "sell"), ("entry", "sell")],
    "modify": [("amend", "*")],
    "partial_close_long": [("partial_exit", "sell")],
    "close_all": [("close_all", "*")],
    "close_short": [("exit", "buy")],
}
# Lines whose reason is prose: what they plainly ask for.
PROSE = {
    "https://tradesender.app/tools": [("entry", "buy")],
    "TradingView default strategy message": [("entry", "buy")],
}


def _lines() -> list[dict[str, Any]]:
    if not SAMPLES.exists():
        return []
    return [json.loads(line) for line in SAMPLES.read_text().splitlines() if line.strip()]


LINES = _lines()
needs_samples = pytest.mark.skipif(
    not LINES, reason="no alert_samples.jsonl under FUSION_SHARED or ../shared/data"
)


@needs_samples
@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_published_message_is_judged_as_expected(number: int) -> None:
    line = LINES[number]
    verdict, reading, code = _judge(line["body"])
    assert verdict == line["expect"], f"{code}: {line['why']}"
    if reading is not None and verdict == "accept":
        _check_legs(line, reading)
    else:
        assert code in CODES | {"stale", "expired"}


@needs_samples
def test_every_accepted_sample_says_what_it_asks_for() -> None:
    assert all(_wanted(line) for line in LINES if line["expect"] == "accept")


def _judge(body: str) -> tuple[str, Reading | None, str]:
    try:
        reading = read(body)
    except Unreadable as error:
        return "reject", None, error.code
    code = _age_rule(reading)
    return ("reject" if code else "accept"), reading, code


def _age_rule(reading: Reading) -> str:
    """Entries age by the same rules as in the intake's SQL."""
    if not reading.intent.has_entry:
        return ""
    if reading.intent.expires_at and reading.intent.expires_at <= NOW:
        return "expired"
    known = [at for at in (reading.signalled_at, reading.sent_at) if at is not None]
    return "stale" if known and NOW - min(known) > STALE else ""


def _wanted(line: dict[str, Any]) -> list[tuple[str, str]]:
    _, marker, rest = line["why"].partition("intent=")
    if marker:
        return INTENTS[rest.replace(";", " ").replace(":", " ").split()[0]]
    return next((legs for start, legs in PROSE.items() if line["source"].startswith(start)), [])


def _check_legs(line: dict[str, Any], reading: Reading) -> None:
    legs = [leg for leg in reading.intent.legs if leg.verb != "cancel_all"]
    wanted = _wanted(line)
    assert [leg.verb for leg in legs] == [event for event, _ in wanted]
    for leg, (_, side) in zip(legs, wanted, strict=True):
        assert side in ("*", leg.side)
        assert leg.symbol_raw.rpartition(":")[2] in line["body"]
    assert ("cancel pendings" in line["why"]) == (len(legs) < len(reading.intent.legs))
    if "50 percent" in line["why"]:
        assert legs[0].close_pct == 50
