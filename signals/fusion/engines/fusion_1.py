"""Fusion 1: pools the awake lobes, compares the chance with cost, sizes by quarter-Kelly. Pure.

The alert has chosen the side; the engine only says whether, and how much at most. Only `math` is
used, sums are `fsum` in a fixed order, and outputs are rounded to 12 significant digits, so that a
replay on another machine gives the same bytes. Another rule is another engine beside this one.
"""

from __future__ import annotations

import math
from typing import Final

from signals.fusion.inputs import EngineInputs, EngineOpinion, Outcome
from signals.fusion.mixing.abstention import threshold as least_chance
from signals.fusion.mixing.pools import linear, logarithmic
from signals.fusion.mixing.sizing import BAND_Z, kelly
from signals.fusion.numbers import clipped, rounded, shares_of

NAME: Final = "engine:fusion/1"


def fuse(inputs: EngineInputs) -> Outcome:
    """Return whether to trade the entry and the risk it may take."""
    awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]
    awake = [one for one in awake if one.weight > 0]
    payoff = payoff_of(inputs)
    threshold = _threshold(inputs, payoff)
    if not awake:
        return _outcome(inputs, "no_lobe_awake", 0.5, 0.5, 0.5, 0.0, payoff, threshold)
    chances = [_clipped(one) for one in awake]
    weights = shares_of([float(one.weight) for one in awake])
    p_linear = linear(weights, chances)
    p_log = logarithmic(weights, chances)
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
    kelly_share = kelly(p_lower, payoff)
    size_factor = size_factor_of(inputs)
    risk_bps = _risk_bps(inputs, kelly_share) if reason == "edge_above_margin" else 0
    if reason == "edge_above_margin":
        if size_factor <= 0:
            reason = "gate_closed"
        elif risk_bps < 1:
            reason = "size_zero"
    verdict = "trade" if reason == "edge_above_margin" else "abstain"
    return Outcome(
        verdict=verdict,
        reason=reason,
        p_final=rounded(p_final),
        p_linear=rounded(p_linear),
        p_log=rounded(p_log),
        p_lower=rounded(p_lower),
        payoff_r=rounded(payoff),
        threshold=rounded(threshold),
        edge_r=rounded(p_final * payoff - (1 - p_final) - float(inputs.policy.cost_r)),
        kelly=rounded(kelly_share),
        risk_bps=risk_bps if verdict == "trade" else 0,
        size_factor=rounded(size_factor),
    )


def payoff_of(inputs: EngineInputs) -> float:
    """Win in units of loss: from the alert's own stop and target, else what the policy declares."""
    entry, stop, target = inputs.entry_price, inputs.stop_price, inputs.target_price
    if entry is None or stop is None or target is None or entry in (stop, target):
        told = inputs.reward_to_risk
        return float(inputs.policy.payoff_r if told is None else told)
    return float(abs(target - entry)) / float(abs(entry - stop))


def _threshold(inputs: EngineInputs, payoff: float) -> float:
    return least_chance(payoff, float(inputs.policy.cost_r), float(inputs.policy.margin_r))


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
    return float(rounded(value))


def size_factor_of(inputs: EngineInputs) -> float:
    """What the gates leave of the size."""
    factor = 1.0
    for gate in inputs.gates:
        factor *= min(1.0, max(0.0, float(gate.factor)))
    return factor


def _clipped(opinion: EngineOpinion) -> float:
    return clipped(float(opinion.p or 0), float(opinion.eps))
