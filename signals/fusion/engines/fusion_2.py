"""Fusion 2: what labels taught decides; until there are enough, the declared chance. Pure.

A sleeping Fixed-Share over each lobe raw and calibrated, pooled four ways and mixed once more
(`signals.fusion.mixing.binary`). The state that it starts from is part of its inputs, and what it
told is part of its outcome: an outcome that becomes known later is held against that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from signals.fusion.engines import fusion_1
from signals.fusion.inputs import EngineInputs, EngineOpinion, Outcome, Rules
from signals.fusion.learned import Learned, Told, learned_start
from signals.fusion.mixing import binary, calibration, pools
from signals.fusion.mixing.abstention import Conformal, outcome_set, threshold
from signals.fusion.mixing.binary import BinaryForecast
from signals.fusion.mixing.sharing import shares
from signals.fusion.mixing.sizing import kelly, lower_end, net_payoff
from signals.fusion.numbers import clipped, rounded, steady

NAME: Final = "engine:fusion/2"
# These two speak from what the policy declares; without labels they alone decide.
DECLARED: Final = ("base_rate", "track_record")
EPS: Final = 0.01
# Below the quorum, where the policy wants a smaller entry: a quarter of its risk for more edge.
OUTAGE_RISK_SHARE: Final = 4
OUTAGE_MARGIN_R: Final = 0.10


def fuse(inputs: EngineInputs) -> Outcome:
    """Return whether to trade the entry, the risk it may take, and what was told of it."""
    rules = _rules(inputs)
    awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]
    is_below = is_below_quorum(inputs)
    stood = learned_start() if inputs.state is None else Learned.from_dict(inputs.state)
    known = stood.among([(one.lobe, one.version) for one in inputs.opinions])
    deciding = awake
    if is_below and rules.outage == "smaller":
        deciding = [one for one in awake if not one.calls_out]
    declared = [one for one in deciding if one.lobe in DECLARED]
    if known.labels < rules.labels_min and declared:
        deciding = declared
    if not deciding:
        return fusion_1.fuse(replace(inputs, opinions=()))
    forecast = _forecast(known, awake)
    if deciding is declared:
        # As the engine before: the declared chance, and the results that shrink to it.
        outcome = fusion_1.fuse(replace(inputs, opinions=tuple(declared)))
    else:
        spoken = forecast if deciding is awake else _forecast(known, deciding)
        outcome = _by_learning(inputs, known, deciding, spoken)
    told = Told(
        experts=known.experts,
        forecast=forecast,
        deciding=tuple(one.lobe for one in deciding),
        deciding_p=float(outcome.p_final),
        open_labels=rules.open_labels,
    )
    return replace(_with_outage(inputs, outcome, is_below=is_below), told=told.to_dict())


def is_below_quorum(inputs: EngineInputs) -> bool:
    """Whether fewer lobes have an opinion than the policy wants."""
    awake = [one for one in inputs.opinions if one.status == "awake" and one.p is not None]
    return len(awake) < _rules(inputs).quorum


def risk_caps(inputs: EngineInputs, kelly_share: float) -> dict[str, int]:
    """What bounds the risk, in basis points: of the policy's, what a target volatility leaves, and
    below the quorum a quarter.
    """
    caps = fusion_1.risk_caps(inputs, kelly_share)
    if inputs.risk_share is not None:
        caps["volatility"] = int(inputs.policy.risk_bps * inputs.risk_share)
    if is_below_quorum(inputs) and _rules(inputs).outage == "smaller":
        caps["quorum"] = inputs.policy.risk_bps // OUTAGE_RISK_SHARE
    return caps


def _by_learning(
    inputs: EngineInputs, known: Learned, deciding: list[EngineOpinion], forecast: BinaryForecast
) -> Outcome:
    payoff = fusion_1.payoff_of(inputs)
    cost = float(inputs.policy.cost_r)
    least = threshold(payoff, cost, float(inputs.policy.margin_r))
    p = _bounded_p(inputs, known, deciding, forecast)
    reason = _reason(inputs, known, p, least)
    net = net_payoff(payoff, cost)
    p_lower = lower_end(known.band, p)
    share = kelly(p_lower, net) if net > 0 else 0.0
    size_factor = fusion_1.size_factor_of(inputs)
    return Outcome(
        verdict="trade" if reason == "edge_above_margin" else "abstain",
        reason=reason,
        p_final=rounded(p),
        p_linear=rounded(forecast.pooled[0]),
        p_log=rounded(forecast.pooled[1]),
        p_lower=rounded(p_lower),
        payoff_r=rounded(payoff),
        threshold=rounded(least),
        edge_r=rounded(p * payoff - (1 - p) - cost),
        kelly=rounded(share),
        risk_bps=_risk_bps(inputs, share),
        size_factor=rounded(size_factor),
    )


def _reason(inputs: EngineInputs, known: Learned, p: float, least: float) -> str:
    if p < least:
        return "edge_below_margin"
    miss_max = float(_rules(inputs).miss_max)
    if miss_max > 0:
        sets = known.conformal
        if sets.aim != miss_max or not _holds_win_alone(sets, p):
            return "set_not_win_alone"
    return "edge_above_margin"


def _holds_win_alone(sets: Conformal, p: float) -> bool:
    """Whether the set is a win alone; one that would be empty holds the likelier outcome."""
    holds_loss, holds_win = outcome_set(sets, p)
    return not holds_loss and (holds_win or p > 1 - p)


def _with_outage(inputs: EngineInputs, outcome: Outcome, *, is_below: bool) -> Outcome:
    """Put the policy's rule for missing lobes over the outcome, then what sizing leaves of it."""
    rules = _rules(inputs)
    verdict, reason = outcome.verdict, outcome.reason
    if is_below and verdict == "trade":
        if rules.outage == "abstain":
            verdict, reason = "abstain", "quorum_missed"
        elif rules.outage == "ask":
            verdict, reason = "ask", "quorum_asks"
        elif float(outcome.edge_r) < float(inputs.policy.margin_r) + OUTAGE_MARGIN_R:
            verdict, reason = "abstain", "quorum_missed"
        else:
            reason = "quorum_smaller"
    risk_bps = _risk_bps(inputs, float(outcome.kelly))
    if verdict != "abstain" and outcome.size_factor <= 0:
        verdict, reason = "abstain", "gate_closed"
    elif verdict != "abstain" and risk_bps < 1:
        verdict, reason = "abstain", "size_zero"
    if rules.is_away and verdict == "trade" and not is_below:
        reason = "lobes_away"
    return replace(
        outcome,
        verdict=verdict,
        reason=reason,
        risk_bps=0 if verdict == "abstain" else risk_bps,
    )


def _bounded_p(
    inputs: EngineInputs, known: Learned, awake: list[EngineOpinion], forecast: BinaryForecast
) -> float:
    """The mixture's chance, with no lobe that calls out weighing more than its bound.

    The guarantees are those of the unbounded mixture, which is what learns.
    """
    outside = {(one.lobe, one.version) for one in awake if one.calls_out}
    told = [(index, p) for index, p in enumerate(forecast.variants) if p is not None]
    chances = [p for _, p in told]
    owners = [known.experts[index % len(known.experts)] for index, _ in told]
    if not outside or all(owner in outside for owner in owners):
        return forecast.p
    every = shares(known.mixture.weights, [p is not None for p in forecast.variants])
    most = float(_rules(inputs).lobe_share_max)
    bounded = bounded_shares(
        [every[index] for index, _ in told], [_place(owner, outside) for owner in owners], most
    )
    flat = pools.linear(bounded, chances)
    leader = max(range(len(told)), key=lambda place: known.mixture.leads[told[place][0]])
    bent = calibration.calibrated(known.mixture.bend, calibration.bend(flat))
    pooled = (
        flat,
        pools.logarithmic(bounded, chances),
        clipped(bent, EPS),
        flat if owners[leader] in outside else chances[leader],
    )
    return steady(pools.linear(shares(known.mixture.top, [True] * len(pooled)), pooled))


def bounded_shares(
    every: Sequence[float], owners: Sequence[tuple[str, str] | None], most: float
) -> list[float]:
    """Shares in which no owner has more than `most`; what is taken goes to those without one.

    An owner has several shares, its variants. Those without an owner must have some of the weight.
    """
    totals = {
        owner: math.fsum(w for w, one in zip(every, owners, strict=True) if one == owner)
        for owner in owners
        if owner is not None
    }
    scale = {owner: min(1.0, most / total) for owner, total in totals.items() if total > 0}
    lowered = [
        w * scale.get(owner, 1.0) if owner is not None else w
        for w, owner in zip(every, owners, strict=True)
    ]
    free = math.fsum(w for w, owner in zip(lowered, owners, strict=True) if owner is None)
    taken = 1.0 - math.fsum(lowered)
    return [
        w if owner is not None else w * (1 + taken / free)
        for w, owner in zip(lowered, owners, strict=True)
    ]


def _place(owner: tuple[str, str], outside: set[tuple[str, str]]) -> tuple[str, str] | None:
    return owner if owner in outside else None


def _forecast(known: Learned, awake: Sequence[EngineOpinion]) -> BinaryForecast:
    told = {(one.lobe, one.version): clipped(float(one.p or 0), float(one.eps)) for one in awake}
    return binary.forecast(known.mixture, [told.get(expert) for expert in known.experts], EPS)


def _risk_bps(inputs: EngineInputs, share: float) -> int:
    return max(0, min(risk_caps(inputs, share).values()))


def _rules(inputs: EngineInputs) -> Rules:
    if inputs.rules is None:
        raise ValueError("an engine that learns needs the policy's rules")
    return inputs.rules
