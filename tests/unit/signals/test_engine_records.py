"""Records that each engine once made: it must make the same bytes of them for ever.

A line that does not hold any longer is no line to be renewed: the change is another engine.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signals.fusion.engines.registry import CURRENT, ENGINES, UnknownEngine, engine_get
from signals.fusion.replay import replay

_ALWAYS = {
    "edge_above_margin",
    "edge_below_margin",
    "gate_closed",
    "no_lobe_awake",
    "size_zero",
}
_MISSING_LOBES = {"quorum_missed", "quorum_asks", "quorum_smaller", "lobes_away"}
REASONS = {
    "engine:fusion/1": _ALWAYS,
    "engine:fusion/2": _ALWAYS | _MISSING_LOBES | {"set_not_win_alone"},
}
RECORDS = Path(__file__).parent / "engine_records"


def records() -> list[str]:
    return [line for file in sorted(RECORDS.glob("*.jsonl")) for line in file.read_text().split()]


@pytest.mark.parametrize("record", records(), ids=lambda one: json.loads(one)["context"]["case"])
def test_a_stored_record_is_made_again_byte_for_byte(record: str) -> None:
    assert replay(record)[0] == record


def test_every_engine_has_records_and_every_way_out_of_it_is_among_them() -> None:
    told = [json.loads(record) for record in records()]
    assert {one["engine"] for one in told} == set(ENGINES)
    for engine, reasons in REASONS.items():
        assert {one["outcome"]["reason"] for one in told if one["engine"] == engine} == reasons


def test_an_engine_is_found_by_its_name_alone() -> None:
    assert engine_get(CURRENT.name) is CURRENT
    for name in ("engine:fusion/99", ""):
        with pytest.raises(UnknownEngine, match=r"known here: engine:fusion/1"):
            engine_get(name)
