"""Re-derives a decision's record from itself: same inputs, same bytes, no network. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from signals.fusion.engine import ENGINE, decide
from signals.fusion.inputs import EngineInputs, Outcome, record_text


class UnknownEngine(Exception):
    """The record was made by an engine that this version does not have."""


def replay(record: str, *, without_lobe: str = "") -> tuple[str, Outcome]:
    """Return the record and outcome the engine gives today; optionally with one lobe left out."""
    stored = json.loads(record)
    if stored["engine"] != ENGINE:
        raise UnknownEngine(stored["engine"])
    inputs = EngineInputs.from_dict(stored["inputs"])
    if without_lobe:
        kept = tuple(one for one in inputs.opinions if one.lobe != without_lobe)
        inputs = replace(inputs, opinions=kept)
    outcome = decide(inputs)
    return record_text(ENGINE, inputs, outcome, stored["context"]), outcome
