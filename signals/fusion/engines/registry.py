"""Which engine a record was made by, and which one decides now. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signals.fusion.engines import fusion_1, fusion_2
from signals.fusion.inputs import EngineInputs, Outcome


class UnknownEngine(Exception):
    """The record was made by an engine that this version does not have."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`name` stands in each record; `fuse` makes its outcome, the same one for ever.

    `risk_caps` tells what bounds the risk, in basis points, from the outcome's Kelly share.
    """

    name: str
    fuse: Callable[[EngineInputs], Outcome]
    risk_caps: Callable[[EngineInputs, float], dict[str, int]]


ENGINES: Final = {
    fusion_1.NAME: Engine(fusion_1.NAME, fusion_1.fuse, fusion_1.risk_caps),
    fusion_2.NAME: Engine(fusion_2.NAME, fusion_2.fuse, fusion_2.risk_caps),
}
CURRENT: Final = ENGINES[fusion_2.NAME]


def engine_get(name: str) -> Engine:
    """Return the engine of that name. Raises UnknownEngine, which names those that are known."""
    engine = ENGINES.get(name)
    if engine is None:
        raise UnknownEngine(f"{name or 'no engine'} (known here: {', '.join(ENGINES)})")
    return engine
