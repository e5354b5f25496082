"""Online: a logistic regression over the family's last labels, learned one after another. Pure.

`river` folds the labels and is loaded on the first fold; what it learned is kept as numbers, which
the lobe's request holds, so that an answer is checked without it. Nothing is pickled: a model of
today could not be read tomorrow.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from fusion_project.text.canonical import canonical_json
from signals.fusion.numbers import rounded, sigmoid
from signals.lobes.bar_features import market_dict
from signals.lobes.base import LobeAnswer, Neighbour, OnlineSeen, Question

KNOWN_MIN: Final = 50
# A fold begins at a whole step, so that between steps it only goes on; it holds this many at most.
FOLD_MAX, FOLD_STEP = 5_000, 1_000
_RATE, _PENALTY = 0.02, 0.001
_EPS: Final = 0.02


class Online:
    """Leans as the labels did whose markets leaned the same way; sleeps below fifty."""

    name = "online"
    version = "1"

    def answer(self, question: Question) -> LobeAnswer:
        """Return the chance that the regression gives the market as this side sees it."""
        seen, online = question.features.market, question.features.online
        request = canonical_json({"market": market_dict(seen), "model": _told(online)})
        if seen is None or seen.features is None or online is None:
            has_market = seen is not None and seen.features is not None
            return LobeAnswer(
                lobe=self.name,
                version=self.version,
                status="asleep",
                reason="too_few_labels" if has_market else "no_fresh_bars",
                request=request,
            )
        p = rounded(min(max(chance(online, seen.features.for_side(question.side)), _EPS), 1 - _EPS))
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=p,
            evidence=Decimal(online.labels),
            reason="regression_of_labels",
            request=request,
            response=canonical_json({"p": p}),
        )


def chance(online: OnlineSeen, vector: Sequence[Decimal]) -> float:
    """The regression's chance of a win: each number in deviations from its mean, weighed."""
    rows = zip(vector, online.means, online.deviations, online.weights, strict=True)
    terms = [
        float(weight) * (float(x) - float(mean)) / float(deviation) if deviation else 0.0
        for x, mean, deviation, weight in rows
    ]
    return sigmoid(math.fsum((*terms, float(online.intercept))))


def fold_start(labels: int) -> int:
    """At which of so many labels, the oldest being 0, the fold of the last ones begins."""
    return max(0, -(-(labels - FOLD_MAX) // FOLD_STEP) * FOLD_STEP)


@dataclass(slots=True)
class Fold:
    """What was learned of labels, one after another; not to be shared between threads."""

    labels: int = 0
    first_label_id: int = 0
    last_label_id: int = 0
    _width: int = 0
    _parts: tuple[Any, Any] = field(default_factory=lambda: _regression())

    def learn(self, labels: Iterable[Neighbour]) -> None:
        """Go on with these, the earlier ones first."""
        scaler, regression = self._parts
        for one in labels:
            x = dict(enumerate(one.near))
            scaler.learn_one(x)
            regression.learn_one(scaler.transform_one(x), one.won)
            self.first_label_id = self.first_label_id or one.label_id
            self.last_label_id = one.label_id
            self._width = len(one.near)
            self.labels += 1

    def seen(self) -> OnlineSeen | None:
        """Return what is known by now as numbers; None where that is too little."""
        if self.labels < KNOWN_MIN:
            return None
        scaler, regression = self._parts
        weights, places = regression.weights, range(self._width)
        return OnlineSeen(
            first_label_id=self.first_label_id,
            last_label_id=self.last_label_id,
            labels=self.labels,
            means=tuple(rounded(scaler.means[number]) for number in places),
            deviations=tuple(rounded(scaler.vars[number] ** 0.5) for number in places),
            weights=tuple(rounded(weights.get(number, 0.0)) for number in places),
            intercept=rounded(regression.intercept),
        )


@dataclass(slots=True)
class Window:
    """The fold of the last labels, as a process that hears of one after another keeps it."""

    known: deque[Neighbour] = field(default_factory=lambda: deque(maxlen=FOLD_MAX))
    total: int = 0
    _fold: Fold | None = None

    def learn(self, label: Neighbour) -> None:
        """Go on with this one, or fold anew where the window begins at a later label by now."""
        self.known.append(label)
        self.total += 1
        start = fold_start(self.total)
        if self._fold is None or start != fold_start(self.total - 1):
            self._fold = Fold()
            self._fold.learn(islice(self.known, start - self.total + len(self.known), None))
        else:
            self._fold.learn((label,))

    def seen(self) -> OnlineSeen | None:
        """Return what is known by now as numbers; None where that is too little."""
        return None if self._fold is None else self._fold.seen()


def _regression() -> tuple[Any, Any]:
    from river.linear_model import LogisticRegression
    from river.optim import SGD
    from river.preprocessing import StandardScaler

    return StandardScaler(), LogisticRegression(optimizer=SGD(_RATE), l2=_PENALTY)


def _told(online: OnlineSeen | None) -> dict[str, object] | None:
    if online is None:
        return None
    names = OnlineSeen.__dataclass_fields__
    return {name: getattr(online, name) for name in names}
