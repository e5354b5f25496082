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
    # Asked outside of the database: its share in whether and how much is bounded.
    calls_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A fact without direction: scales the size by `factor` (0 to 1); 0 closes the door.

    `reason` says why it is below 1, one of `signals.fusion.gating.names`.
    """

    name: str
    factor: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a policy says of learning and of lobes that are missing; `StrategyPolicy` says it.

    `is_away`: nobody was there to ask the lobes that call out. `open_labels`: how many outcomes of
    the family were open when this was decided.
    """

    labels_min: int
    quorum: int
    outage: str
    lobe_share_max: Decimal
    miss_max: Decimal
    is_away: bool
    open_labels: int


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
    # What an engine that learns goes by: the policy's rules, and the state that stood.
    rules: Rules | None = None
    state: Mapping[str, Any] | None = None
    # Of the policy's risk, what a target volatility leaves; None where the policy has no target.
    risk_share: Decimal | None = None

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
            "opinions": [_opinion_dict(opinion) for opinion in self.opinions],
            "gates": [_gate_dict(gate) for gate in self.gates],
            **of_distances,
            **({} if self.rules is None else {"rules": _dict(self.rules)}),
            **({} if self.state is None else {"state": dict(self.state)}),
            **({} if self.risk_share is None else {"risk_share": self.risk_share}),
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
            rules=_rules(data.get("rules")),
            state=data.get("state"),
            risk_share=_decimal(data.get("risk_share")),
            **{
                name: _decimal(data[name]) for name in ("entry_price", "stop_price", "target_price")
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The engine's answer; numbers have 12 significant digits.

    `verdict` is trade, ask (a person) or abstain.
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
    # What an engine that learns will be judged by: `signals.fusion.learned.Told`.
    told: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        form = _dict(self)
        told = form.pop("told")
        return form if told is None else {**form, "told": dict(told)}


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


def _opinion_dict(opinion: EngineOpinion) -> dict[str, Any]:
    """Engines before lobes called out have no word for it."""
    form = _dict(opinion)
    calls_out = form.pop("calls_out")
    return {**form, "calls_out": True} if calls_out else form


def _gate_dict(gate: Gate) -> dict[str, Any]:
    """Without a reason it leaves the size as it is, as every gate did before they had reasons."""
    form = _dict(gate)
    reason = form.pop("reason")
    return {**form, "reason": reason} if reason else form


def _rules(data: Mapping[str, Any] | None) -> Rules | None:
    return None if data is None else Rules(**_decimals(data, ("lobe_share_max", "miss_max")))


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _decimals(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: _decimal(value) if name in names else value for name, value in data.items()}
