"""Re-derives a decision's record from itself: same inputs, same bytes, no network. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from signals.fusion.engines.registry import engine_get
from signals.fusion.inputs import EngineInputs, Outcome, record_text


def replay(record: str, *, without_lobe: str = "") -> tuple[str, Outcome]:
    """Return the record and outcome that the record's own engine gives today.

    `without_lobe` leaves one lobe out. Raises UnknownEngine.
    """
    stored = json.loads(record)
    engine = engine_get(stored.get("engine", ""))
    inputs = EngineInputs.from_dict(stored["inputs"])
    if without_lobe:
        kept = tuple(one for one in inputs.opinions if one.lobe != without_lobe)
        inputs = replace(inputs, opinions=kept)
    outcome = engine.fuse(inputs)
    return record_text(engine.name, inputs, outcome, stored["context"]), outcome
