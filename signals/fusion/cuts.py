"""Why an entry risks less than its policy allows, read from the decision's own record. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from signals.fusion.engines.registry import engine_get
from signals.fusion.inputs import EngineInputs, Gate


@dataclass(frozen=True, slots=True)
class RiskCut:
    """One bound that lowered the risk, in basis points; `reason` is the engine's name for it."""

    reason: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class RiskCuts:
    """From what the policy allows down to what the decision says; then the gates that scale it."""

    policy_bps: int
    cuts: list[RiskCut]
    gates: list[Gate]


def risk_cuts(record: str) -> RiskCuts:
    """Return every cut that the stored record tells. Raises UnknownEngine for a foreign one."""
    told = json.loads(record)
    inputs = EngineInputs.from_dict(told["inputs"])
    caps = engine_get(told["engine"]).risk_caps(inputs, float(told["outcome"]["kelly"]))
    left, cuts = inputs.policy.risk_bps, []
    for reason, cap in caps.items():
        after = max(0, cap)
        if after < left:
            cuts.append(RiskCut(reason, left, after))
            left = after
    gates = [gate for gate in inputs.gates if gate.factor < Decimal(1)]
    return RiskCuts(inputs.policy.risk_bps, cuts, gates)
