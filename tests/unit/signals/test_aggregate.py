"""`manage.py aggregate`: one's own experts from tables, judged beside our mixtures."""

from __future__ import annotations

import io
import json
import math
import os
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from signals.fusion.aggregating.games import log_game
from signals.fusion.aggregating.judging import game_judged
from signals.fusion.aggregating.report import LOSSES, Asked, report
from signals.fusion.aggregating.tables import ChanceRound, TableInvalid, table_read
from tests.unit.signals.mixing.cases import best_with_switches

ROOT = Path(__file__).parents[3]
OPERA = Path(os.environ.get("FUSION_SHARED") or ROOT.parent / "shared") / "data" / "opera"
needs_opera = pytest.mark.skipif(
    not (OPERA / "experts.csv").exists(), reason="no opera under FUSION_SHARED or ../shared/data"
)
P = "a,b\n0.8,0.4\n0.7,\n,0.1\n0.9,0.5\n"
Y = "won\n1\n1\n0\n0\n"
MULTI = "round,a,b\n1,0.5,0.2\n1,0.3,0.2\n1,0.2,0.6\n2,,0.7\n2,,0.3\n"
MULTI_Y = "won\n1\n0\n0\n0\n1\n"


def _run(tmp_path: Path, experts: str, outcomes: str, *more: str, loss: str = "log") -> Any:
    out = io.StringIO()
    try:
        call_command("aggregate", *arguments(tmp_path, experts, outcomes, loss, *more), stdout=out)
    except CommandError:
        assert out.getvalue() == ""
        raise
    return json.loads(out.getvalue())


def arguments(tmp_path: Path, experts: str, outcomes: str, loss: str, *more: str) -> list[str]:
    (tmp_path / "P.csv").write_text(experts)
    (tmp_path / "Y.csv").write_text(outcomes)
    files = ["--experts", str(tmp_path / "P.csv"), "--outcomes", str(tmp_path / "Y.csv")]
    return [*files, "--loss", loss, *more]


def _mixture(told: Any, name: str) -> Any:
    return next(one for one in told["mixtures"] if one["name"] == name)


def test_each_expert_is_charged_for_the_rounds_in_which_it_was_awake(tmp_path) -> None:
    told = _run(tmp_path, P, Y)
    first, second = told["experts"]
    assert (first["rounds"], second["rounds"]) == (3, 3)
    assert first["loss"] == pytest.approx(-math.log(0.8 * 0.7 * 0.1))
    assert second["loss"] == pytest.approx(-math.log(0.4 * 0.9 * 0.5))
    assert told["best_fixed"] is None  # none of them was awake throughout
    assert told["uniform"]["loss"] == pytest.approx(-math.log(0.6 * 0.7 * 0.9 * 0.3))


def test_bayes_is_the_posterior_mean_and_its_weights_the_posterior(tmp_path) -> None:
    told = _run(tmp_path, "a,b\n0.8,0.4\n0.7,0.6\n", "won\n1\n0\n")
    after = (0.8 / 1.2, 0.4 / 1.2)
    second = after[0] * 0.7 + after[1] * 0.6
    assert _mixture(told, "bayes")["loss"] == pytest.approx(-math.log(0.6) - math.log(1 - second))
    a, b = 0.8 * 0.3, 0.4 * 0.4
    assert _mixture(told, "bayes")["weights"] == pytest.approx({"a": a / (a + b), "b": b / (a + b)})
    worst = _mixture(told, "bayes")["worst_regret"]
    assert worst["bound"] == pytest.approx(math.log(2))
    assert (worst["expert"], worst["round"]) == ("a", 1)
    assert worst["value"] == pytest.approx(-math.log(0.6) + math.log(0.8))


def test_lines_of_one_round_are_one_forecast_of_several_outcomes(tmp_path) -> None:
    told = _run(tmp_path, MULTI, MULTI_Y)
    assert told["rounds"] == 2
    assert told["experts"][0]["loss"] == pytest.approx(-math.log(0.5))
    assert told["experts"][1]["loss"] == pytest.approx(-math.log(0.2 * 0.3))
    brier = _run(tmp_path, MULTI, MULTI_Y, loss="brier")
    assert brier["experts"][0]["loss"] == pytest.approx(0.25 + 0.09 + 0.04)
    assert [one["name"] for one in brier["mixtures"]] == ["bayes", "fixed_share"]
    assert _run(tmp_path, MULTI, "round,won\n1,1\n1,0\n1,0\n2,0\n2,1\n") == told


def test_brier_of_yes_or_no_is_the_square_that_people_mean(tmp_path) -> None:
    told = _run(tmp_path, P, Y, loss="brier")
    assert told["experts"][0]["loss"] == pytest.approx(0.04 + 0.09 + 0.81)
    assert _mixture(told, "bayes")["worst_regret"]["bound"] == pytest.approx(math.log(2) / 2)


@pytest.mark.parametrize("loss", ["log", "brier", "square"])
@pytest.mark.parametrize("delay", ["0", "3"])
def test_no_mixture_is_ever_beyond_its_bound(tmp_path, loss: str, delay: str) -> None:
    source = random.Random(9)
    rows = [[source.random() if source.random() < 0.8 else None for _ in "abc"] for _ in range(200)]
    text = "".join(",".join("" if p is None else f"{p:.3f}" for p in row) + "\n" for row in rows)
    outcomes = "".join(f"{source.randrange(2)}\n" for _ in rows)
    told = _run(tmp_path, "a,b,c\n" + text, "y\n" + outcomes, "--delay", delay, loss=loss)
    asleep = sum(row == [None, None, None] for row in rows)
    assert asleep > 0
    assert (told["rounds"], told["rounds_without_expert"]) == (200 - asleep, asleep)
    bounded = [one["worst_regret"] for one in told["mixtures"] if one["worst_regret"]["bound"]]
    assert bounded
    assert [one["times_beyond"] for one in bounded] == [0] * len(bounded)
    assert all(one["value"] <= one["bound"] for one in bounded)


def test_a_bound_that_does_not_hold_would_be_counted() -> None:
    rounds = [ChanceRound(((0.2, 0.8), (0.6, 0.4)), 1)] * 3
    losses = [[-math.log(0.8)] * 3, [-math.log(0.4)] * 3]
    game = log_game("ab", False)
    broken = replace(game, readings=(replace(game.readings[0], bound=lambda _: 0.0),))
    found = [game_judged(one, rounds, "ab", losses, 0)[1][0].told for one in (game, broken)]
    assert [one["worst_regret"]["times_beyond"] for one in found] == [0, 3]


def test_late_outcomes_cost_one_bound_for_each_copy(tmp_path) -> None:
    bounds = [
        _mixture(
            _run(tmp_path, "a,b\n" + "0.8,0.3\n" * 9, "y\n" + "1\n" * 9, "--delay", delay), "bayes"
        )["worst_regret"]["bound"]
        for delay in ("0", "2")
    ]
    assert bounds == pytest.approx([math.log(2), 3 * math.log(2)])


def test_a_chance_of_nothing_is_clipped_and_the_clip_is_told(tmp_path) -> None:
    told = _run(tmp_path, "a\n0\n1\n", "y\n1\n1\n", "--clip", "0.02")
    assert told["clip"] == 0.02
    assert told["experts"][0]["loss"] == pytest.approx(-math.log(0.02) - math.log(0.98))


def test_what_would_be_traded_is_told_with_its_cost(tmp_path) -> None:
    source = random.Random(3)
    truths = [source.choice((0.35, 0.7)) for _ in range(500)]
    experts = "good,coin\n" + "".join(f"{truth},0.5\n" for truth in truths)
    outcomes = "won\n" + "".join(f"{int(source.random() < truth)}\n" for truth in truths)
    terms = ("--payoff", "1", "--cost", "0.1", "--margin", "0.02", "--cap", "0.005")
    told = _run(tmp_path, experts, outcomes, *terms)["trading"]
    assert told["threshold"] == pytest.approx(0.56)
    assert 0.15 * 500 < told["traded"] < 0.55 * 500
    assert told["mean_result"] > 0.15 > told["mean_result_if_all_were_traded"]
    assert told["largest_size"] == 0.005
    sure = _run(tmp_path, experts, outcomes, *terms, "--coverage", "0.95")["trading"]
    assert sure["traded"] < told["traded"]
    assert abs(sure["coverage"]["found"] - 0.95) <= sure["coverage"]["bound"]
    with pytest.raises(CommandError, match="needs --cost"):
        _run(tmp_path, experts, outcomes, "--payoff", "1")
    with pytest.raises(CommandError, match="needs --payoff"):
        _run(tmp_path, experts, outcomes, "--cap", "0.1")
    with pytest.raises(CommandError, match="payoff is for log loss"):
        _run(tmp_path, experts, outcomes, *terms, loss="brier")


BAD = {
    "empty": ("log", "", Y, "P.csv, line 1: it is empty"),
    "no names": ("log", "0.1,0.2\n0.3,0.4\n", Y, "P.csv, line 1: the first line must name"),
    "one name twice": ("log", "a,a\n", Y, "P.csv, line 1: each column needs a name"),
    "names alone": ("log", "a,b\n", Y, "P.csv, line 1: no line follows"),
    "round alone": ("log", "round\n1\n", Y, "P.csv, line 1: there is no column beside round"),
    "too few cells": ("log", "a,b\n0.1,0.2\n0.3\n", Y, "P.csv, line 3: 1 cells where 2"),
    "blank line": ("log", "a,b\n0.1,0.2\n\n0.3,0.4\n", Y, "P.csv, line 3: the line is empty"),
    "a word": ("log", "a,b\n0.1,high\n", Y, "P.csv, line 2: 'high' is not a number"),
    "nan": ("square", "a,b\n0.1,nan\n", Y, "P.csv, line 2: 'nan' is not a number"),
    "no end": ("square", "a,b\n0.1,1e999\n", Y, "P.csv, line 2: '1e999' is not a number"),
    "too large": ("square", "a\n-1e101\n", "y\n1\n", "P.csv, line 2: a is beyond 1e.100"),
    "no chance": ("log", "a\n1.2\n", "y\n1\n", "P.csv, line 2: a is not a chance from 0 to 1: 1.2"),
    "broken quotes": ("log", 'a,b\n0.1,"0.2\n', Y, "P.csv, line 2: "),
    "outcome": ("brier", "a\n0.2\n0.2\n", "y\n1\n0.5\n", "Y.csv, line 3: an outcome is 0 or 1"),
    "no outcome": ("square", "a\n0.2\n", 'y\n""\n', "Y.csv, line 2: the outcome is missing"),
    "two columns": ("log", "a\n0.2\n", "y,z\n1,0\n", "Y.csv, line 1: one column of outcomes"),
    "more experts": ("log", P, "y\n1\n", "P.csv, line 3: .*Y.csv has no line for this one"),
    "more outcomes": ("log", "a\n0.2\n", Y, "Y.csv, line 3: .*P.csv has no line for this one"),
    "all asleep": ("log", "a,b\n,\n", "y\n1\n", "P.csv: every expert sleeps in every round"),
    "lone outcome": ("log", "round,a\n1,1\n", "y\n1\n", "P.csv, line 2: round '1' has a single"),
    "no label": ("log", "round,a\n,1\n", "y\n1\n", "P.csv, line 2: the column round is empty"),
    "left round": (
        "log",
        "round,a\n1,.5\n1,.5\n2,.5\n2,.5\n1,1\n",
        "y\n1\n0\n1\n0\n1\n",
        "P.csv, line 6: round '1' began earlier",
    ),
    "part of a round": (
        "log",
        "round,a\n1,.5\n1,\n",
        "y\n1\n0\n",
        "line 3: a answers a part",
    ),
    "sum": ("log", "round,a\n1,.5\n1,.4\n", "y\n1\n0\n", "P.csv, line 3: a adds up to 0.9"),
    "two happened": (
        "brier",
        "round,a\n1,.5\n1,.5\n",
        "y\n1\n1\n",
        "Y.csv, line 3: in round '1' 2 outcomes are 1",
    ),
    "other round": (
        "log",
        "round,a\n1,.5\n1,.5\n",
        "round,y\n1,1\n2,0\n",
        "Y.csv, line 3: round '2', but '1' in",
    ),
    "foreign round": ("log", "a\n.5\n", "round,y\n1,1\n", "Y.csv, line 1: it has a column round"),
    "square round": ("square", "round,a\n1,.5\n1,.5\n", "y\n1\n0\n", "square loss has none"),
}


@pytest.mark.parametrize(("loss", "experts", "outcomes", "said"), BAD.values(), ids=BAD.keys())
def test_bad_tables_are_refused_with_line_and_reason_and_nothing_is_printed(
    tmp_path, loss: str, experts: str, outcomes: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        _run(tmp_path, experts, outcomes, loss=loss)


@given(
    st.sampled_from(LOSSES),
    st.text('a,b01.5-e"\n\r\0\u00e9 ', max_size=40),
    st.text('y,01.5"\n', max_size=20),
)
def test_any_text_is_a_report_or_a_fault_and_never_raises(loss: str, p: str, y: str) -> None:
    for head in ("", "a\n", "a,b\n", "round,a\n"):
        with suppress(TableInvalid):
            experts, outcomes = table_read("P.csv", head + p), table_read("Y.csv", "y\n" + y)
            told = report(Asked(loss=loss, delay=len(p) % 3), experts, outcomes)
            json.dumps(told, allow_nan=False)


@needs_opera
def test_the_published_losses_of_a_known_series_are_found(tmp_path) -> None:
    told = _run(
        tmp_path,
        (OPERA / "experts.csv").read_text(),
        (OPERA / "targets.csv").read_text(),
        loss="square",
    )
    assert told["experts"][0]["rmse"] == pytest.approx(1479.8, abs=0.5)
    assert told["best_fixed"] == "gam.forecast"
    assert told["uniform"]["rmse"] == pytest.approx(1560.2, abs=0.5)
    assert _mixture(told, "gradient")["rmse"] < told["experts"][0]["rmse"]


def test_the_best_switching_sequence_of_the_tests_is_the_best_of_all() -> None:
    """The reference that the bounds are tested against, beside every sequence there is."""
    source = random.Random(1)
    gains = [[source.gauss(0, 1) for _ in range(2)] for _ in range(7)]
    for switches in range(4):
        best = max(
            sum(row[number >> place & 1] for place, row in enumerate(gains))
            for number in range(2**7)
            if bin((number ^ number >> 1) & 0b111111).count("1") <= switches
        )
        assert best_with_switches(gains, switches) == pytest.approx(best)
