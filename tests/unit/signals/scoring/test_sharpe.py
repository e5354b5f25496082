"""A Sharpe ratio is worth less the more were tried."""

from __future__ import annotations

import random

import pytest

from signals.fusion.scoring.sharpe import deflated_sharpe


def drawn(seed: int, mean: float, count: int = 400) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(mean, 1) for _ in range(count)]


def test_one_trial_has_no_hurdle_and_more_of_them_raise_it() -> None:
    results = drawn(1, 0.1)
    told = [deflated_sharpe(results, trials=trials) for trials in (1, 10, 1000)]
    assert all(one is not None for one in told)
    assert told[0].hurdle == 0  # type: ignore[union-attr]
    assert [one.sharpe for one in told] == [told[0].sharpe] * 3  # type: ignore[union-attr]
    chances = [one.chance for one in told]  # type: ignore[union-attr]
    assert chances == sorted(chances, reverse=True)


def test_of_worthless_trials_the_best_is_seldom_believed() -> None:
    """Among forty that know nothing the best one passes as often as the mark says, or less."""
    believed = 0
    for group in range(50):
        best = max((drawn(group * 40 + one, 0.0) for one in range(40)), key=lambda row: sum(row))
        told = deflated_sharpe(best, trials=40)
        assert told is not None
        believed += told.chance > 0.95
    assert believed <= 5


def test_it_is_the_formula_of_the_paper() -> None:
    """T = 1250, daily ratio 2.5 / sqrt(250), skew -3, kurtosis 10, N = 100: the paper's example
    has V = 1/2 of yearly ratios; ours takes 1 / (T - 1), so the hurdle is checked by itself."""
    told = deflated_sharpe(drawn(2, 0.2, 1250), trials=100)
    assert told is not None
    assert told.hurdle == pytest.approx(2.5306 / (1249**0.5), rel=1e-3)


@pytest.mark.parametrize("results", [[], [1.0] * 9, [0.5] * 50])
def test_too_few_or_equal_results_have_none(results: list[float]) -> None:
    assert deflated_sharpe(results, trials=1) is None
