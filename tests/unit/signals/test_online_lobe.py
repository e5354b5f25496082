"""The online lobe: what the last labels teach, as numbers that anybody can check."""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import replace
from decimal import Decimal

import pytest

from fusion_project.text.canonical import canonical_json
from signals.lobes.base import Features, Neighbour
from signals.lobes.online import (
    FOLD_MAX,
    FOLD_STEP,
    KNOWN_MIN,
    Fold,
    Online,
    Window,
    chance,
    fold_start,
)
from tests.unit.signals.test_model_lobe import QUESTION

WIDTH = 5


def labels_of(count: int, *, seed: int = 1, first: int = 1) -> list[Neighbour]:
    """Entries whose first feature says much of how they ended."""
    source, made = random.Random(seed), []
    for number in range(count):
        vector = tuple(Decimal(f"{source.gauss(0, 2):.6f}") for _ in range(WIDTH))
        won = source.random() < 1 / (1 + math.exp(-float(vector[0])))
        made.append(Neighbour(label_id=first + number, vector=vector, won=won))
    return made


def test_it_learns_what_the_labels_teach_and_loses_less_than_a_coin() -> None:
    fold, lost = Fold(), []
    known, coming = labels_of(600), labels_of(400, seed=2, first=601)
    fold.learn(known)
    for one in coming:
        online = fold.seen()
        assert online is not None
        p = chance(online, one.vector)
        lost.append(-math.log(p if one.won else 1 - p))
        fold.learn([one])
    assert math.fsum(lost) / len(lost) < 0.5 < math.log(2)
    assert fold.labels == 1_000


def test_its_numbers_give_what_river_gives() -> None:
    fold = Fold()
    fold.learn(labels_of(200))
    online = fold.seen()
    assert online is not None
    scaler, regression = fold._parts
    for one in labels_of(20, seed=9):
        x = {number: float(value) for number, value in enumerate(one.vector)}
        theirs = regression.predict_proba_one(scaler.transform_one(x))[True]
        assert chance(online, one.vector) == pytest.approx(theirs, abs=1e-9)


def test_the_same_labels_teach_the_same_in_every_release() -> None:
    """Another river that learns otherwise is another version of the lobe."""
    fold = Fold()
    fold.learn(labels_of(300))
    online = fold.seen()
    assert online is not None
    told = canonical_json(
        {"weights": [f"{one:.6f}" for one in online.weights], "last": online.last_label_id}
    )
    assert hashlib.sha256(told.encode()).hexdigest() == LEARNED


LEARNED = "8c3e9bba23934c9547997cb048c84b5eaf5596ee9db584165b1cbb8ab94856ce"


def test_below_fifty_labels_it_knows_nothing() -> None:
    fold = Fold()
    fold.learn(labels_of(KNOWN_MIN - 1))
    assert fold.seen() is None
    answer = Online().answer(QUESTION)
    assert (answer.status, answer.reason) == ("asleep", "too_few_labels")
    bare = replace(QUESTION, features=Features(trades=0, wins=0))
    assert Online().answer(bare).reason == "no_fresh_bars"


def test_it_answers_from_the_numbers_in_its_question_alone() -> None:
    fold = Fold()
    fold.learn(labels_of(200))
    asked = replace(QUESTION, features=replace(QUESTION.features, online=fold.seen()))
    answer = Online().answer(asked)
    assert answer == Online().answer(asked)
    assert (answer.status, answer.evidence) == ("awake", 200)
    sold = Online().answer(replace(asked, side="sell"))
    assert sold.p != answer.p


def test_a_fold_holds_the_last_five_thousand_and_begins_at_whole_steps() -> None:
    for total in (1, 50, FOLD_MAX, FOLD_MAX + 1, FOLD_MAX + FOLD_STEP, 123_456):
        start = fold_start(total)
        assert start % FOLD_STEP == 0
        assert total - start <= FOLD_MAX
        assert start == 0 or total - start > FOLD_MAX - FOLD_STEP


def test_a_window_that_hears_label_after_label_comes_to_the_fold_of_the_last_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signals.lobes.online.FOLD_MAX", 80)
    monkeypatch.setattr("signals.lobes.online.FOLD_STEP", 20)
    labels, window = labels_of(200), Window()
    for count, one in enumerate(labels, start=1):
        window.learn(one)
        whole = Fold()
        whole.learn(labels[fold_start(count) : count])
        assert window.seen() == whole.seen()
