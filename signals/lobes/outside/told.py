"""What a model said to both framings, in words, out of the stored response. Pure."""

from __future__ import annotations

import json
from decimal import Decimal

from fusion_project.text.formats import chance


def framings_words(response: str) -> str:
    """Return both answers and how far they are from one opinion; empty where no model spoke."""
    if not response.startswith("{"):
        return ""
    told = json.loads(response)
    framings = told.get("framings") if isinstance(told, dict) else None
    if not framings:
        return ""
    said = ", ".join(f"{one['framing']}: {_said(one)}" for one in framings)
    if told["same_to_both"]:
        return f"{said}; the same to both, so it tells nothing"
    if told["asymmetry"] is None:
        return said
    return f"{said}; asymmetry {chance(abs(Decimal(told['asymmetry'])))}"


def _said(framing: dict[str, str | None]) -> str:
    told = framing["chance"]
    return str(framing["fault"]) if told is None else chance(Decimal(told))
