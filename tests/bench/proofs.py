"""Gates of fusion's specification as figures: sizes, scores, leaving out, replay, time."""

import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from fusion_project.text.canonical import canonical_json
from signals.fusion.engines import fusion_1, fusion_2
from signals.fusion.gating.names import VOLATILITY
from signals.fusion.gating.rules import GateFact, gated
from signals.fusion.gating.settings import settings_read
from signals.fusion.inputs import record_text
from signals.fusion.learned import Told, learned_start, state_after
from signals.fusion.mixing import binary
from signals.fusion.mixing.abstention import threshold
from signals.fusion.mixing.sizing import kelly, net_payoff, size
from signals.fusion.replay import replay
from signals.fusion.scoring import metrics
from signals.fusion.scoring.scores import Scores
from tests.bench.figures import Figures
from tests.bench.planted import EPS, FLIP, KNOWS
from tests.bench.planted import LOBES as LOBES_PLANTED
from tests.unit.signals.test_fusion_2 import asked, lobe, scenario

BLOCK, RESAMPLES = 20, 1000


def bench_sizes(figures: Figures, draws: int) -> None:
    """Never above the cap, never less for a better chance, nothing at the threshold; twice the
    volatility leaves half."""
    source = random.Random(9)
    broken = dict.fromkeys(("cap", "chance", "threshold", "volatility"), 0)
    for _ in range(draws):
        payoff, cost, cap = source.uniform(0.2, 5), source.uniform(0, 0.15), source.uniform(0, 0.1)
        low, high = sorted((source.random(), source.random()))
        sizes = [size(p, payoff, {"policy": cap})[0] for p in (low, high)]
        broken["cap"] += max(sizes) > cap * (1 + 1e-11)
        broken["chance"] += sizes[0] > sizes[1]
        broken["threshold"] += kelly(threshold(payoff, cost, 0.0), net_payoff(payoff, cost)) > 1e-9
        calm = Decimal(source.randrange(100, 1000))
        shares = [_risk_share(calm * times) for times in (1, 2)]
        broken["volatility"] += abs(shares[0] / shares[1] - 2) > Decimal("1e-9")
    for name, count in broken.items():
        figures.say(f"size_breaks_{name}_of_{draws}_draws", count, aim=0, at_most=True)


def _risk_share(daily_bps: Decimal) -> Decimal:
    """What a target of one per cent a day leaves of the risk."""
    settings = settings_read({VOLATILITY: {"target_bps": 100}})
    fact = GateFact(name=VOLATILITY, values=(Decimal(1), daily_bps))
    share = gated(settings, [fact]).risk_share
    assert share is not None
    return share


def bench_scores(figures: Figures) -> None:
    """Chances that are right by making, and what the mixture makes of lobes that know."""
    source = random.Random(7)
    chances = [source.uniform(0.02, 0.98) for _ in range(4000)]
    outcomes = [source.random() < p for p in chances]
    error = metrics.calibration_error(metrics.bins_by_count(chances, outcomes, 10))
    figures.say("calibrated_ece_of_4000", round(error, 4), aim=0.03, at_most=True)
    z = abs(metrics.spiegelhalter_z(chances, outcomes) or 0.0)
    figures.say("calibrated_spiegelhalter_z_abs", round(z, 3), aim=2.0, at_most=True)
    told, won, base = _good_world(11)
    bins = metrics.bins_by_count(told, won, 10)
    split = metrics.murphy_split(bins)
    figures.say("good_world_ece", round(metrics.calibration_error(bins), 4))
    figures.say("good_world_reliability", round(split.reliability, 5))
    figures.say("good_world_resolution", round(split.resolution, 5))
    figures.say("good_world_uncertainty", round(split.uncertainty, 5))
    _skills(figures, "good_world", told, won, base, aim=0.0)
    _skills(figures, "noise_world", *_noise_world(12), aim=None)
    _left_out(figures, told, won)


def _good_world(seed: int) -> tuple[list[float], list[bool], list[float]]:
    """What the mixture told, what happened, and the share of wins so far, for each label."""
    source, state, told = random.Random(seed), binary.state_start(LOBES_PLANTED), []
    outcomes: list[bool] = []
    base = []
    for _ in range(FLIP):
        won = source.random() < 0.5
        row = [source.choice((KNOWS, 1 - KNOWS)) for _ in range(LOBES_PLANTED)]
        row[0] = KNOWS if (source.random() < KNOWS) == won else 1 - KNOWS
        one = binary.forecast(state, row, EPS)
        base.append((sum(outcomes) + 1) / (len(outcomes) + 2))
        told.append(one.p)
        outcomes.append(won)
        state = binary.learned(state, one, won=won)
    return told, outcomes, base


def _noise_world(seed: int) -> tuple[list[float], list[bool], list[float]]:
    source, state, told = random.Random(seed), binary.state_start(LOBES_PLANTED), []
    outcomes: list[bool] = []
    base = []
    for _ in range(FLIP):
        row = [source.uniform(EPS, 1 - EPS) for _ in range(LOBES_PLANTED)]
        one = binary.forecast(state, row, EPS)
        base.append((sum(outcomes) + 1) / (len(outcomes) + 2))
        told.append(one.p)
        outcomes.append(source.random() < 0.5)
        state = binary.learned(state, one, won=outcomes[-1])
    return told, outcomes, base


def _skills(
    figures: Figures,
    world: str,
    told: Sequence[float],
    won: Sequence[bool],
    base: Sequence[float],
    *,
    aim: float | None,
) -> None:
    """What was lost less than by the share of wins so far, with a block bootstrap of 95 %."""
    pairs = list(zip(told, base, won, strict=True))
    losses = {
        "nats": [binary.log_loss(b, won=y) - binary.log_loss(p, won=y) for p, b, y in pairs],
        "brier": [(b - y) ** 2 - (p - y) ** 2 for p, b, y in pairs],
    }
    for name, gains in losses.items():
        low, high = _bootstrapped(gains)
        figures.say(f"{world}_skill_{name}_mean", round(statistics.fmean(gains), 4))
        figures.say(f"{world}_skill_{name}_low", round(low, 4), aim=aim)
        figures.say(f"{world}_skill_{name}_high", round(high, 4))


def _bootstrapped(gains: Sequence[float]) -> tuple[float, float]:
    """Ends of the middle 95 % of means of stretches drawn again and again."""
    source, count = random.Random(1), len(gains)
    means = sorted(
        statistics.fmean(
            gains[at]
            for _ in range(count // BLOCK)
            for start in [source.randrange(count - BLOCK + 1)]
            for at in range(start, start + BLOCK)
        )
        for _ in range(RESAMPLES)
    )
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def _left_out(figures: Figures, told: Sequence[float], won: Sequence[bool]) -> None:
    """Precision and recall at the threshold, and risk by coverage."""
    least = threshold(1.0, 0.05, 0.02)
    chosen = [y for p, y in zip(told, won, strict=True) if p >= least]
    figures.say("precision_of_every_alert", round(statistics.fmean(won), 4))
    figures.say(
        "precision_of_traded", round(statistics.fmean(chosen), 4), aim=statistics.fmean(won)
    )
    figures.say("recall_of_traded", round(sum(chosen) / sum(won), 4))
    risks = metrics.risks_by_coverage(told, won)
    tenths = [risks[len(risks) * n // 10 - 1] for n in range(1, 11)]
    rises = max(0.0, *(b - a for b, a in pairwise(tenths)))
    figures.say("risk_rises_most_where_less_is_covered", round(rises, 4), aim=0.02, at_most=True)
    figures.say("risk_coverage_area", round(metrics.risk_area(risks), 4))


def bench_credit(figures: Figures) -> None:
    """Leave-one-out: what a lobe that knows is worth, and one that does not."""
    source, known, scores = random.Random(3), learned_start(), Scores(1)
    experts = tuple((f"lobe{k}", "1") for k in range(LOBES_PLANTED))
    for _ in range(FLIP):
        won = source.random() < 0.5
        row = [source.choice((KNOWS, 1 - KNOWS)) for _ in range(LOBES_PLANTED)]
        row[0] = KNOWS if (source.random() < KNOWS) == won else 1 - KNOWS
        stood = known.among(experts)
        told = Told(experts, binary.forecast(stood.mixture, row, EPS), (), 0.5, 0)
        scores = scores.after(known, known, told, won=won)
        known = known.after(told, won=won, miss_max=0.0)
    found = [one.credit / one.credited for one in scores.lobes]
    figures.say("credit_of_who_knows_nats_per_label", round(found[0], 4), aim=0.1)
    others = max(abs(one) for one in found[1:])
    figures.say("credit_of_noise_nats_per_label_abs", round(others, 4), aim=0.02, at_most=True)


def bench_replay(figures: Figures, rounds: int) -> None:
    """Records of both engines come out byte for byte; what is learned later moves nothing."""
    records: list[str] = []
    value: str | None = None
    for told, won in scenario(rounds):
        state = None if value is None else json.loads(value)
        inputs = replace(told, state=state)
        text = record_text(fusion_2.NAME, inputs, fusion_2.fuse(inputs), {})
        value = state_after(value, json.loads(text), won=won)
        plain = replace(told, rules=None)
        records += [text, record_text(fusion_1.NAME, plain, fusion_1.fuse(plain), {})]
    differ = sum(replay(text)[0] != text for text in records)
    figures.say(f"replays_that_differ_of_{len(records)}", differ, aim=0, at_most=True)
    figures.say("decisions_moved_by_what_came_later", _moved(rounds // 4), aim=0, at_most=True)


def _moved(rounds: int) -> int:
    """Decisions of a walk's first half that another second half of outcomes changes."""
    told = [_outcomes(rounds, turned_from) for turned_from in (rounds, rounds // 2)]
    half = rounds // 2
    return sum(a != b for a, b in zip(told[0][: half + 1], told[1][: half + 1], strict=True))


def _outcomes(rounds: int, turned_from: int) -> list[str]:
    value: str | None = None
    found = []
    for number, (told, won) in enumerate(scenario(rounds)):
        state = None if value is None else json.loads(value)
        inputs = replace(told, state=state)
        outcome = fusion_2.fuse(inputs)
        found.append(canonical_json(outcome.to_dict()))
        made = json.loads(record_text(fusion_2.NAME, inputs, outcome, {}))
        value = state_after(value, made, won=won != (number >= turned_from))
    return found


def bench_engine_times(figures: Figures, lobes: int, rounds: int) -> None:
    """One decision and one label of the whole engine, its state read from text included."""
    source = random.Random(1)
    known = learned_start()
    state: dict[str, Any] | None = None
    told_ms, learned_ms = [], []
    for _ in range(rounds):
        opinions = [lobe(f"lobe{k}", f"{source.uniform(EPS, 1 - EPS):.6f}") for k in range(lobes)]
        inputs = asked(*opinions, state=state)
        start = time.perf_counter()
        outcome = fusion_2.fuse(inputs)
        between = time.perf_counter()
        assert outcome.told is not None
        won = source.random() < 0.5
        known = known.after(Told.from_dict(outcome.told), won=won, miss_max=0.0)
        learned_ms.append(1000 * (time.perf_counter() - between))
        told_ms.append(1000 * (between - start))
        state = known.to_dict()
    figures.say(
        f"engine_decision_{lobes}_lobes_ms_median",
        round(statistics.median(told_ms), 3),
        aim=2.0,
        at_most=True,
    )
    figures.say(
        f"engine_update_{lobes}_lobes_ms_median",
        round(statistics.median(learned_ms), 3),
        aim=1.0,
        at_most=True,
    )
