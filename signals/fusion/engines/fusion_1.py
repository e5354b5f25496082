"""Fusion 1: pools the awake lobes, compares the chance with cost, sizes by quarter-Kelly. Pure.

The alert has chosen the side; the engine only says whether, and how much at most. Only `math` is
used, sums are `fsum` in a fixed order, and outputs are rounded to 12 significant digits, so that a
replay on another machine gives the same bytes. Another rule is another engine beside this one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from signals.fusion.inputs import EngineInputs, EngineOpinion, Outcome

NAME: Final = "engine:fusion/1"
KELLY_SHARE: Final = 0.25
BAND_Z: Final = 1.2815515655446004  # lower end of a band that 10 % of chances fall below
_DIGITS: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)


def fuse(inputs: EngineInputs) -> Outcome:
    """Return whether to trade the entry and the risk it may take."""
    awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]
    awake = [one for one in awake if one.weight > 0]
    payoff = _payoff(inputs)
    threshold = _threshold(inputs, payoff)
    if not awake:
        return _outcome(inputs, "no_lobe_awake", 0.5, 0.5, 0.5, 0.0, payoff, threshold)
    chances = [_clipped(one) for one in awake]
    weights = _shares([float(one.weight) for one in awake])
    p_linear = math.fsum(w * p for w, p in zip(weights, chances, strict=True))
    p_log = _sigmoid(math.fsum(w * _logit(p) for w, p in zip(weights, chances, strict=True)))
    p_final = math.fsum((0.5 * p_linear, 0.5 * p_log))
    evidence = math.fsum(w * float(o.evidence) for w, o in zip(weights, awake, strict=True))
    p_lower = max(0.0, p_final - BAND_Z * math.sqrt(p_final * (1 - p_final) / (evidence + 1)))
    reason = "edge_above_margin" if p_final >= threshold else "edge_below_margin"
    return _outcome(inputs, reason, p_final, p_linear, p_log, p_lower, payoff, threshold)


def _outcome(
    inputs: EngineInputs,
    reason: str,
    p_final: float,
    p_linear: float,
    p_log: float,
    p_lower: float,
    payoff: float,
    threshold: float,
) -> Outcome:
    kelly = KELLY_SHARE * max(0.0, p_lower - (1 - p_lower) / payoff)
    size_factor = _size_factor(inputs)
    risk_bps = _risk_bps(inputs, kelly) if reason == "edge_above_margin" else 0
    if reason == "edge_above_margin":
        if size_factor <= 0:
            reason = "gate_closed"
        elif risk_bps < 1:
            reason = "size_zero"
    verdict = "trade" if reason == "edge_above_margin" else "abstain"
    return Outcome(
        verdict=verdict,
        reason=reason,
        p_final=_rounded(p_final),
        p_linear=_rounded(p_linear),
        p_log=_rounded(p_log),
        p_lower=_rounded(p_lower),
        payoff_r=_rounded(payoff),
        threshold=_rounded(threshold),
        edge_r=_rounded(p_final * payoff - (1 - p_final) - float(inputs.policy.cost_r)),
        kelly=_rounded(kelly),
        risk_bps=risk_bps if verdict == "trade" else 0,
        size_factor=_rounded(size_factor),
    )


def _payoff(inputs: EngineInputs) -> float:
    """Win in units of loss: from the alert's own stop and target, else what the policy declares."""
    entry, stop, target = inputs.entry_price, inputs.stop_price, inputs.target_price
    if entry is None or stop is None or target is None or entry in (stop, target):
        told = inputs.reward_to_risk
        return float(inputs.policy.payoff_r if told is None else told)
    return float(abs(target - entry)) / float(abs(entry - stop))


def _threshold(inputs: EngineInputs, payoff: float) -> float:
    """Least chance with P*W - (1-P)*L - cost >= margin, where L = 1 and W = payoff."""
    return (1 + float(inputs.policy.cost_r) + float(inputs.policy.margin_r)) / (payoff + 1)


def risk_caps(inputs: EngineInputs, kelly: float) -> dict[str, int]:
    """What bounds the risk, in basis points: the policy, the sender's own wish, quarter-Kelly."""
    caps = {"policy": inputs.policy.risk_bps}
    if inputs.risk_hint_bps is not None:
        caps["alert"] = inputs.risk_hint_bps
    return caps | {"kelly": math.floor(_steady(kelly * 10_000))}


def _risk_bps(inputs: EngineInputs, kelly: float) -> int:
    """The least of what bounds it, never below nothing."""
    return max(0, min(risk_caps(inputs, kelly).values()))


def _steady(value: float) -> float:
    """Take away the last float digits, so that 49.999999999999 counts as 50 everywhere."""
    return float(_rounded(value))


def _size_factor(inputs: EngineInputs) -> float:
    factor = 1.0
    for gate in inputs.gates:
        factor *= min(1.0, max(0.0, float(gate.factor)))
    return factor


def _clipped(opinion: EngineOpinion) -> float:
    eps = float(opinion.eps)
    return min(max(float(opinion.p or 0), eps), 1 - eps)


def _shares(weights: Sequence[float]) -> list[float]:
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def _rounded(value: float) -> Decimal:
    """12 significant digits, never more than 12 after the point, which columns can hold."""
    number = _DIGITS.create_decimal_from_float(value)
    return number.quantize(Decimal("1e-12")) if number.adjusted() < 0 else number + 0
