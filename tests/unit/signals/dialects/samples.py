"""Messages as published in the wild, and whether one is judged as its line says."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from signals.dialects.base import Reading
from signals.intake.parsing import Unreadable
from signals.intents.summary import summary_of
from tests.unit.signals.dialects.reading import CODES, read

ROOT: Final = Path(os.environ.get("FUSION_SHARED") or Path(__file__).parents[5] / "shared")
FILES: Final = ("alert_samples.jsonl", "alert_samples_2.jsonl")
NOW: Final = datetime(2026, 3, 2, 14, 30, 10, tzinfo=UTC)
STALE: Final = timedelta(seconds=120)
_VERBS: Final = ("entry", "exit", "partial_exit", "amend", "cancel", "cancel_all", "close_all")

# What the first file calls an intent, as (event, side) of each leg; * stands for any side.
_NAMED: Final[dict[str, list[tuple[str, str]]]] = {
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
_PROSE: Final = {
    "https://tradesender.app/tools": [("entry", "buy")],
    "TradingView default strategy message": [("entry", "buy")],
}


def lines() -> list[dict[str, Any]]:
    """Every line of the files that are there."""
    found = []
    for name in FILES:
        path = ROOT / "data" / name
        if path.exists():
            text = path.read_text(encoding="utf-8")
            found += [json.loads(line) for line in text.splitlines() if line.strip()]
    return found


def fault_of(line: dict[str, Any]) -> str:
    """Return in words what is wrong with our judgement of a line, or '' where it is as it says."""
    reading, code = _judged(line["body"])
    if line["expect"] == "reject":
        if code or _may_close(line, reading):
            return "" if code in CODES | {"", "stale", "expired"} else f"no reason: {code}"
        return f"accepted: {summary_of(reading.intent) if reading else ''}"
    if code:
        return "" if "refusing is acceptable" in line["why"] else f"refused: {code}"
    assert reading is not None
    told = line["why"].partition("intent=")[2]
    if told and told.replace(";", " ").replace(":", " ").split()[0] not in _NAMED:
        wanted, got = _legs(told), summary_of(reading.intent)
        return "" if wanted == got else f"{got} instead of {wanted}"
    return _named_fault(line, told, reading)


def _judged(body: str) -> tuple[Reading | None, str]:
    try:
        reading = read(body)
    except Unreadable as error:
        return None, error.code
    return reading, _age_rule(reading)


def _age_rule(reading: Reading) -> str:
    """Entries age by the same rules as in the intake's SQL."""
    if not reading.intent.has_entry:
        return ""
    if reading.intent.expires_at and reading.intent.expires_at <= NOW:
        return "expired"
    known = [at for at in (reading.signalled_at, reading.sent_at) if at is not None]
    return "stale" if known and NOW - min(known) > STALE else ""


def _may_close(line: dict[str, Any], reading: Reading | None) -> bool:
    return "an exit would be right too" in line["why"] and not (
        reading is None or reading.intent.has_entry
    )


def _legs(told: str) -> str:
    """The legs that stand before the prose, in the form of `summary_of`."""
    if told.split(";")[0] == "test":
        return "test"
    legs = []
    for part in told.split(";"):
        if part.split()[:1] and part.split()[0] in _VERBS:
            legs.append(part.strip())
        else:
            break
    return "; ".join(legs)


def _named_fault(line: dict[str, Any], told: str, reading: Reading) -> str:
    name = told.replace(";", " ").replace(":", " ").split()[0] if told else ""
    wanted = _NAMED.get(name) or next(
        (legs for start, legs in _PROSE.items() if line["source"].startswith(start)), []
    )
    legs = [leg for leg in reading.intent.legs if leg.verb != "cancel_all"]
    got = [(leg.verb, leg.side) for leg in legs]
    fits = len(got) == len(wanted) and all(
        verb == want and side in ("*", had)
        for (verb, had), (want, side) in zip(got, wanted, strict=True)
    )
    fits &= all(leg.symbol_raw.rpartition(":")[2] in line["body"] for leg in legs)
    fits &= ("cancel pendings" in line["why"]) == (len(legs) < len(reading.intent.legs))
    if "50 percent" in line["why"]:
        fits &= legs[0].close_pct == 50
    return "" if fits and wanted else f"{summary_of(reading.intent)} instead of {wanted or '?'}"
