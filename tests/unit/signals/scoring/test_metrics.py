"""Scores equal those of libraries that others rely on, to the ninth digit."""

from __future__ import annotations

import math
import random

import mapie.metrics.calibration as mapie
import numpy as np
import pytest
import scoringrules
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from signals.fusion.scoring.disagreement import disagreement
from signals.fusion.scoring.metrics import (
    bins_by_count,
    bins_by_width,
    brier,
    calibration_error,
    log_loss,
    murphy_split,
    risk_area,
    risks_by_coverage,
    spiegelhalter_z,
)

NINTH = 1e-9


def drawn(seed: int, count: int = 500, *, worth: float = 1.0) -> tuple[list[float], list[bool]]:
    """Chances, and outcomes that they foretell; with `worth` below 1 they are too sure."""
    source = random.Random(seed)
    chances = [source.uniform(0.02, 0.98) for _ in range(count)]
    return chances, [source.random() < 0.5 + worth * (p - 0.5) for p in chances]


@pytest.mark.parametrize("seed", range(5))
def test_log_loss_and_brier_are_those_of_scikit_learn_and_scoringrules(seed: int) -> None:
    chances, outcomes = drawn(seed, worth=0.5)
    told, won = np.array(chances), np.array(outcomes, dtype=float)
    assert log_loss(chances, outcomes) == pytest.approx(
        sklearn.log_loss(outcomes, chances), abs=NINTH
    )
    assert log_loss(chances, outcomes) == pytest.approx(
        float(np.mean(scoringrules.log_score(won, told))), abs=NINTH
    )
    assert brier(chances, outcomes) == pytest.approx(
        sklearn.brier_score_loss(outcomes, chances), abs=NINTH
    )
    assert brier(chances, outcomes) == pytest.approx(
        float(np.mean(scoringrules.brier_score(won, told))), abs=NINTH
    )


@pytest.mark.parametrize("seed", range(5))
def test_calibration_error_and_z_are_those_of_mapie(seed: int) -> None:
    chances, outcomes = drawn(seed, worth=0.7)
    told, won = np.array(chances), np.array(outcomes, dtype=int)
    by_width = calibration_error(bins_by_width(chances, outcomes, 10))
    # Its eleven bounds, 0 among them, make ten bins.
    assert by_width == pytest.approx(
        mapie.expected_calibration_error(won, told, num_bins=11, split_strategy="uniform"),
        abs=NINTH,
    )
    by_count = calibration_error(bins_by_count(chances, outcomes, 10))
    order = np.argsort(told)
    assert by_count == pytest.approx(
        mapie.expected_calibration_error(
            won[order], told[order], num_bins=10, split_strategy="array split"
        ),
        abs=NINTH,
    )
    assert spiegelhalter_z([0.5, 0.5], [True, False]) is None
    assert spiegelhalter_z(chances, outcomes) == pytest.approx(
        mapie.spiegelhalter_statistic(won, told), abs=NINTH
    )


def test_calibrated_chances_are_found_calibrated_and_bent_ones_are_not() -> None:
    straight, bent = drawn(1, 4000), drawn(1, 4000, worth=0.5)
    assert calibration_error(bins_by_count(*straight, 10)) < 0.03
    assert abs(spiegelhalter_z(*straight) or 9) < 2
    assert calibration_error(bins_by_count(*bent, 10)) > 0.1
    assert abs(spiegelhalter_z(*bent) or 0) > 5


@settings(deadline=None)
@given(
    pairs=st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1)
)
def test_the_split_adds_up_to_the_brier_score(pairs: list[tuple[float, bool]]) -> None:
    """Each bin holds one chance here, so nothing is lost by rounding to its mean."""
    chances, outcomes = [p for p, _ in pairs], [won for _, won in pairs]
    split = murphy_split(bins_by_width(chances, outcomes, 5))
    total = split.reliability - split.resolution + split.uncertainty
    assert total == pytest.approx(brier(chances, outcomes), abs=1e-12)


def test_who_leaves_out_the_worst_chances_loses_less_often() -> None:
    risks = risks_by_coverage(*drawn(3, 4000))
    tenths = [risks[4000 * n // 10 - 1] for n in range(1, 11)]
    assert tenths == sorted(tenths)
    assert risk_area(risks) < risks[-1]


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=8))
@settings(max_examples=200)
def test_disagreement_lies_between_none_and_one(chances: list[float]) -> None:
    told = disagreement(chances)
    assert told is not None
    assert 0 <= told < 1


def test_disagreement_is_none_of_equal_chances_and_nearly_one_of_opposite_certainties() -> None:
    assert disagreement([0.7, 0.7, 0.7]) == pytest.approx(0, abs=1e-12)
    assert disagreement([1 - 1e-12, 1e-12]) == pytest.approx(1, abs=1e-9)
    assert disagreement([0.5]) is None
    assert disagreement([0.2, 0.8]) == pytest.approx(
        1 + 0.2 * math.log2(0.2) + 0.8 * math.log2(0.8), abs=1e-11
    )
