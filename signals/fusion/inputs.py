"""What an engine is given and what it answers: frozen, with one canonical JSON form. Pure.

Decimals travel as text, so that a stored record is read back to the very same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fusion_project.text.canonical import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The strategy's policy at decision time. R is the loss that the stop allows."""

    strategy: str
    version: int
    approval: str
    risk_bps: int
    payoff_r: Decimal
    cost_r: Decimal
    margin_r: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOpinion:
    """One lobe's answer as the engine sees it. `p`: chance that following the alert wins.

    `evidence` counts the observations behind `p`; `eps` clips it to [eps, 1 - eps].
    """

    lobe: str
    version: str
    status: str
    p: Decimal | None
    evidence: Decimal
    eps: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A fact without direction: scales the size by `factor` (0 to 1); 0 closes the door."""

    name: str
    factor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInputs:
    """Everything one entry leg is decided from."""

    policy: Policy
    side: str
    entry_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    risk_hint_bps: int | None
    opinions: tuple[EngineOpinion, ...]
    gates: tuple[Gate, ...] = ()
    # Of a stop and a target that are distances: their prices are not known before the fill.
    reward_to_risk: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        of_distances = (
            {} if self.reward_to_risk is None else {"reward_to_risk": self.reward_to_risk}
        )
        return {
            "policy": _dict(self.policy),
            "side": self.side,
            "entry_price": self.entry_price,
            "stop_price": self.stop_price,
            "target_price": self.target_price,
            "risk_hint_bps": self.risk_hint_bps,
            "opinions": [_dict(opinion) for opinion in self.opinions],
            "gates": [_dict(gate) for gate in self.gates],
            **of_distances,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EngineInputs:
        """Read the JSON form back."""
        return cls(
            policy=Policy(**_decimals(data["policy"], ("payoff_r", "cost_r", "margin_r"))),
            side=data["side"],
            risk_hint_bps=data["risk_hint_bps"],
            opinions=tuple(
                EngineOpinion(**_decimals(one, ("p", "evidence", "eps", "weight")))
                for one in data["opinions"]
            ),
            gates=tuple(Gate(**_decimals(one, ("factor",))) for one in data["gates"]),
            reward_to_risk=_decimal(data.get("reward_to_risk")),
            **{
                name: _decimal(data[name]) for name in ("entry_price", "stop_price", "target_price")
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The engine's answer. `verdict` is trade or abstain; numbers have 12 significant digits.

    `risk_bps` is the most the entry may risk and `size_factor` what the gates leave of it.
    """

    verdict: str
    reason: str
    p_final: Decimal
    p_linear: Decimal
    p_log: Decimal
    p_lower: Decimal
    payoff_r: Decimal
    threshold: Decimal
    edge_r: Decimal
    kelly: Decimal
    risk_bps: int
    size_factor: Decimal

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return _dict(self)


def record_text(engine: str, inputs: EngineInputs, outcome: Outcome, context: Any) -> str:
    """Return the canonical record that a decision stores: context, inputs and outcome."""
    return canonical_json(
        {
            "engine": engine,
            "context": context,
            "inputs": inputs.to_dict(),
            "outcome": outcome.to_dict(),
        }
    )


def _dict(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _decimals(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: _decimal(value) if name in names else value for name, value in data.items()}
