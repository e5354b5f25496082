"""Re-derives a decision's record from itself: same inputs, same bytes, no network. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signals.fusion.engines.registry import UnknownEngine, engine_get
from signals.fusion.gating.rules import UnknownRules, gated_again
from signals.fusion.inputs import EngineInputs, Outcome, record_text


def replay(record: str, *, without_lobe: str = "") -> tuple[str, Outcome]:
    """Return the record and outcome that the record's own engine gives today.

    Its gates are judged anew from the facts that stand in it. `without_lobe` leaves one lobe out.
    Raises UnknownEngine.
    """
    stored = json.loads(record)
    engine = engine_get(stored.get("engine", ""))
    inputs = EngineInputs.from_dict(stored["inputs"])
    if "gates" in (stored["context"] or {}):
        inputs = _gated(inputs, stored["context"]["gates"])
    if without_lobe:
        kept = tuple(one for one in inputs.opinions if one.lobe != without_lobe)
        inputs = replace(inputs, opinions=kept)
    outcome = engine.fuse(inputs)
    return record_text(engine.name, inputs, outcome, stored["context"]), outcome


def _gated(inputs: EngineInputs, stored: Mapping[str, Any]) -> EngineInputs:
    try:
        told = gated_again(stored)
    except UnknownRules as error:
        raise UnknownEngine(str(error)) from error
    return replace(inputs, gates=told.gates, risk_share=told.risk_share)
