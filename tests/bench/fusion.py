"""`make bench-fusion`: the mixtures on a published series and in planted worlds, and their time.

    python -m tests.bench.fusion [--seeds 40] [--sequences 10000] [--alerts 100000]

Prints one JSON object a line, the summary last; ends with 1 where something is missed. What takes
milliseconds is timed alone; then one process walks forward while another does everything else.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial

from signals.fusion.mixing.gradient import (
    NAME,
    gradient_bound,
    gradient_forecast,
    gradient_learned,
    gradient_start,
)
from tests.bench import bounds, models, opera, planted, proofs, walking
from tests.bench.figures import Figures

EXPERTS, PROCESSES = 16, 2
LATE = (5, 20, 60)


def bench_opera(figures: Figures) -> None:
    """Our mixture of numbers beside published figures of the same series."""
    read = opera.opera_read()
    if read is None:
        absent = f"absent: {opera.FOLDER} holds no series; set FUSION_SHARED to where it is"
        print(json.dumps({"name": "opera", "value": absent}), flush=True)
        return
    experts, outcomes = read
    singles = [opera.rmse(list(told), outcomes) for told in zip(*experts, strict=True)]
    uniform = opera.rmse([statistics.fmean(row) for row in experts], outcomes)
    weights = opera.best_convex(experts, outcomes)
    blend = [sum(w * x for w, x in zip(weights, row, strict=True)) for row in experts]
    poly = opera.rmse(opera.ml_poly(experts, outcomes), outcomes)
    published = {
        "best_expert": (min(singles), 1479.8),
        "uniform": (uniform, 1560.2),
        "best_convex": (opera.rmse(blend, outcomes), 1442.4),
        "ml_poly": (poly, 1457.5),
    }
    for name, (value, reference) in published.items():
        figures.near(f"opera_{name}_rmse", round(value, 2), reference=reference, within=0.5)
    state, told = gradient_start(len(experts[0])), []
    for row, outcome in zip(experts, outcomes, strict=True):
        told.append(gradient_forecast(state, row))
        state = gradient_learned(state, row, told[-1], outcome)
    ours = round(opera.rmse(told, outcomes), 2)
    figures.say("opera_ours_rmse_of_uniform", ours, reference=uniform, aim=0.999, at_most=True)
    best = min(singles)
    figures.say("opera_ours_rmse_of_best_expert", ours, reference=best, aim=0.999, at_most=True)
    beyond = len(outcomes) * (ours**2 - opera.rmse(blend, outcomes) ** 2)
    figures.say(
        f"opera_regret_of_bound_to_best_convex ({NAME})",
        round(beyond),
        reference=round(gradient_bound(state)),
        aim=1.0,
        at_most=True,
    )


def bench_planted(figures: Figures, seeds: int) -> None:
    """Noise is left alone, who knows is found, clones share, sets cover."""
    left = [planted.noise_abstained(seed) for seed in range(seeds)]
    figures.say("noise_abstained_mean", round(statistics.fmean(left), 4), aim=0.98)
    figures.say("noise_abstained_worst_seed", round(min(left), 4), aim=0.93)
    found = [planted.good_found(seed) for seed in range(seeds)]
    first, again = [one.first for one in found], [one.again for one in found]
    beyond = statistics.fmean(one.beyond for one in found)
    figures.say("good_found_labels_median", planted.at(first, 0.5), aim=50, at_most=True)
    figures.say("good_found_labels_p95", planted.at(first, 0.95), aim=100, at_most=True)
    figures.say("good_found_again_labels_p95", planted.at(again, 0.95), aim=80, at_most=True)
    figures.say("good_nats_beyond_it_per_label", round(beyond, 4), aim=0.006, at_most=True)
    clones = max(planted.clones_beyond(seed) for seed in range(seeds))
    figures.say("clones_regret_of_bound_worst", round(clones, 3), aim=1.0, at_most=True)
    for seed in range(3):
        figures.near("sets_of_90_percent_cover", planted.coverage(seed), reference=0.9, within=0.02)


def bench_models(figures: Figures) -> None:
    """A real open model that knows nothing is found out, and harms nobody."""
    answers = models.answers_read()
    same = round(models.same_to_both(answers), 3)
    figures.say(f"open_model_same_to_both_framings_of_{len(answers)}", same)
    share = round(models.framing_share(answers), 5)
    figures.say("open_model_single_framing_weight", share, aim=0.01, at_most=True)
    nats = round(models.left_out_nats(answers), 5)
    figures.say("open_model_left_out_nats_per_label", nats, aim=0.01, at_most=True)


def bench_late(figures: Figures, seeds: int) -> None:
    """Outcomes that come late: one state for all of them beside a copy for each that is open."""
    for delay in LATE:
        one, copies = (
            statistics.fmean(
                planted.late_beyond(seed, delay, is_one_state=is_one) for seed in range(seeds)
            )
            for is_one in (True, False)
        )
        figures.say(
            f"late_by_{delay}_nats_beyond_it_per_label_one_state",
            round(one, 4),
            reference=round(copies, 4),
            aim=1.0,
            at_most=True,
        )


def bench_times(figures: Figures) -> None:
    """How long one decision and one label take."""
    told, learned = planted.times_ms(EXPERTS, 2000)
    figures.say(f"decision_{EXPERTS}_experts_ms_median", round(told, 3), aim=2.0, at_most=True)
    figures.say(f"update_{EXPERTS}_experts_ms_median", round(learned, 3), aim=1.0, at_most=True)


def measured(part: Callable[[Figures], None]) -> Figures:
    """Print the figures of one part, in a process of its own, and return what came of them."""
    figures = Figures()
    part(figures)
    return figures


def parts_of(seeds: int, sequences: int, alerts: int) -> list[Callable[[Figures], None]]:
    """Everything that no other part waits for, the longest ones first."""
    return [
        partial(walking.bench_walk, alerts=alerts),
        partial(bounds.bench_bounds, sequences=sequences),
        partial(bench_planted, seeds=seeds),
        partial(bench_late, seeds=max(1, seeds // 10)),
        partial(bounds.bench_late_bounds, sequences=max(1, sequences // 10)),
        partial(proofs.bench_sizes, draws=sequences),
        partial(bounds.bench_adversary, seeds=max(1, seeds // 4)),
        partial(proofs.bench_replay, rounds=1000),
        proofs.bench_scores,
        proofs.bench_credit,
        bench_models,
        bench_opera,
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=100_000)
    asked = parser.parse_args()
    figures = Figures()
    bench_times(figures)
    proofs.bench_engine_times(figures, EXPERTS, 1000)
    wanted = parts_of(max(1, asked.seeds), max(1, asked.sequences), max(1, asked.alerts))
    with ProcessPoolExecutor(PROCESSES) as pool:
        for one in as_completed([pool.submit(measured, part) for part in wanted]):
            figures.take(one.result())
    return figures.end("bench-fusion")


if __name__ == "__main__":
    sys.exit(main())
