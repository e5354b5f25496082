"""Each gate of fusion's specification as a figure: bounds, scores, leaving out, replay, time."""

import json
import math
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from fusion_project.text.canonical import canonical_json
from signals.fusion.engines import fusion_1, fusion_2
from signals.fusion.inputs import Policy, record_text
from signals.fusion.learned import Told, learned_start, state_after
from signals.fusion.mixing import binary
from signals.fusion.mixing.abstention import threshold
from signals.fusion.replay import replay
from signals.fusion.scoring import metrics
from signals.fusion.scoring.scores import Scores
from signals.intents.intent import Intent
from signals.intents.legs import Leg, Target
from signals.lobes.registry import LOBES
from signals.market.barriers import LabelBar
from signals.trials.ending import Terms
from signals.trials.reading import TrialAlert
from signals.trials.walk import Chart, TrialPolicy, Walk
from tests.bench.figures import Figures
from tests.bench.planted import EPS, FLIP, KNOWS, LABELS
from tests.bench.planted import LOBES as LOBES_PLANTED
from tests.unit.signals.mixing.cases import KINDS, Case, best_with_switches, gains_of
from tests.unit.signals.test_fusion_2 import asked, lobe, scenario

BLOCK, RESAMPLES = 20, 1000
ALL_SWITCHES = (1, 3, 5, 10, 20)
STEP = timedelta(minutes=15)
START = datetime(2020, 1, 6, tzinfo=UTC)


def bench_bounds(figures: Figures, sequences: int) -> None:
    """Random and adversarial sequences: what was lost of what may be lost, at every prefix."""
    worst = dict.fromkeys(("bayes", "sharing", *ALL_SWITCHES), -math.inf)
    broken = 0
    for seed in range(sequences):
        case = _case(seed)
        bayes = gains_of(case, is_sharing=False)
        shared = gains_of(case, is_sharing=True)
        n = case.experts
        ratios: dict[Any, float] = {
            "bayes": _of_bound(bayes, lambda _, n=n: math.log(n)),
            "sharing": _of_bound(shared, lambda t, n=n: math.log(n) + math.log(t)),
        }
        for m in ALL_SWITCHES:
            if m < case.length and n > 1:
                bound = (m + 1) * math.log(n) + math.log(case.length)
                bound += math.fsum(math.log(case.length - i) for i in range(1, m + 1))
                ratios[m] = best_with_switches(shared, m) / bound
        broken += any(ratio > 1 + 1e-9 for ratio in ratios.values())
        for name, ratio in ratios.items():
            worst[name] = max(worst[name], ratio)
    figures.say(f"bounds_broken_of_{sequences}_sequences", broken, aim=0, at_most=True)
    for name, ratio in worst.items():
        told = name if isinstance(name, str) else f"best_with_{name}_switches"
        figures.say(f"regret_of_bound_worst_{told}", round(ratio, 3), aim=1.0, at_most=True)


def _case(seed: int) -> Case:
    source = random.Random(seed)
    return Case(
        kind=KINDS[seed % len(KINDS)],
        experts=source.randint(1, 6),
        length=source.randint(1, 40),
        sleep=source.choice((0.0, 0.0, 0.3, 0.8)),
        delay=0,
        seed=seed,
    )


def _of_bound(gains: Sequence[Sequence[float]], bound: Any) -> float:
    """The largest regret of its bound over all prefixes; of a bound of 0, what is above it."""
    totals, worst = [0.0] * len(gains[0]), -math.inf
    for rounds, row in enumerate(gains, start=1):
        totals = [total + gain for total, gain in zip(totals, row, strict=True)]
        room = bound(rounds)
        regret = max(totals)
        worst = max(worst, regret / room if room > 0 else (2.0 if regret > 1e-9 else 0.0))
    return worst


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


def bench_adversary(figures: Figures, seeds: int) -> None:
    """One lobe is always wrong and sure of it: what it costs beyond the best, of the bound."""
    worst = -math.inf
    for seed in range(seeds):
        source, state = random.Random(seed), binary.state_start(LOBES_PLANTED)
        lost, best = 0.0, [0.0] * LOBES_PLANTED
        for _ in range(LABELS // 2):
            won = source.random() < 0.5
            row = [source.choice((0.6, 0.4)) for _ in range(LOBES_PLANTED)]
            row[1] = 0.7 if (source.random() < 0.7) == won else 0.3
            row[0] = EPS if won else 1 - EPS
            told = binary.forecast(state, row, EPS)
            lost += binary.log_loss(told.p, won=won)
            best = [b + binary.log_loss(p, won=won) for b, p in zip(best, row, strict=True)]
            state = binary.learned(state, told, won=won)
        worst = max(worst, (lost - min(best)) / binary.top_bound(LOBES_PLANTED, LABELS // 2))
    figures.say("adversary_regret_of_bound_worst", round(worst, 3), aim=1.0, at_most=True)


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


def bench_walk(figures: Figures, alerts: int) -> None:
    """A walk forward over so many alerts, one a bar, with every lobe of the database."""
    walk = Walk(_chart(alerts + 200), _policy())
    asked_of = [_alert(walk.chart.bars[n + 100], n) for n in range(alerts)]
    start = time.perf_counter()
    walk.go(asked_of, lambda _: None)
    seconds = time.perf_counter() - start
    assert walk.learned.labels > alerts * 0.9
    aim = 300.0 * alerts / 100_000
    figures.say(f"walk_forward_{alerts}_alerts_s", round(seconds, 1), aim=aim, at_most=True)


def _chart(count: int) -> Chart:
    source, price, bars = random.Random(5), 1.1, []
    for number in range(count):
        opened = price
        price *= math.exp(source.gauss(0, 0.0005))
        high = max(opened, price) * (1 + abs(source.gauss(0, 0.0002)))
        low = min(opened, price) * (1 - abs(source.gauss(0, 0.0002)))
        at = START + STEP * number
        told = (Decimal(f"{one:.5f}") for one in (opened, high, low, price))
        o, h, lo, c = told
        bars.append(
            LabelBar(
                id=number + 1,
                open_at=at,
                close_at=at + STEP,
                open=o,
                high=max(h, o, c),
                low=min(lo, o, c),
                close=c,
                recorded_at=at + STEP,
            )
        )
    return Chart(instrument="EURUSD", symbol="EURUSD", timeframe_seconds=900, bars=bars)


def _alert(bar: LabelBar, number: int) -> TrialAlert:
    sign = 1 if number % 3 else -1
    stop, target = (bar.close * (1 - sign * Decimal(part) / 1000) for part in (2, -3))
    leg = Leg(
        verb="entry",
        side="buy" if sign > 0 else "sell",
        symbol_raw="EURUSD",
        sl=Target("price", stop.quantize(Decimal("0.00001"))),
        tp=Target("price", target.quantize(Decimal("0.00001"))),
    )
    intent = Intent(
        kind="trade", legs=(leg,), timeframe="15", bar_time=bar.open_at, ref_price=bar.close
    )
    return TrialAlert(number + 1, bar.close_at + timedelta(seconds=1), intent)


def _policy() -> TrialPolicy:
    return TrialPolicy(
        policy=Policy(
            strategy="bench",
            version=1,
            approval="automatic",
            risk_bps=50,
            payoff_r=Decimal(1),
            cost_r=Decimal("0.05"),
            margin_r=Decimal("0.02"),
        ),
        terms=Terms(payoff_r=Decimal(1), cost_r=Decimal("0.05"), horizon_seconds=86_400),
        prior_p=Decimal("0.5"),
        prior_strength=Decimal(2),
        labels_min=30,
        quorum=1,
        outage="abstain",
        lobe_share_max=Decimal("0.4"),
        miss_max=Decimal(0),
        gates={},
        lobes=LOBES,
        local=lambda _: 0,
    )
