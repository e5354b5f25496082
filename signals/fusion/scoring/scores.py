"""Running scores of one family: what its mixture and each lobe lost, label by label, as one value.

Each label adds to sums, so that a page reads one row and never the whole history. Losses are those
of what was told when the entry was decided.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from fusion_project.text.canonical import canonical_json
from signals.fusion.learned import Expert, Learned, Told, learned_start, variants_of
from signals.fusion.mixing.binary import log_loss
from signals.fusion.mixing.sharing import mixed_loss, shares
from signals.fusion.numbers import steady

BINS: Final = 10
SWITCHES: Final = (1, 3, 5)
BLOCK: Final = 20


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one forecaster over the labels it was awake for: number, nats, and (p - y)^2."""

    count: int = 0
    nats: float = 0.0
    squares: float = 0.0

    def plus(self, p: float, *, won: bool) -> Sums:
        """One label more."""
        return Sums(
            self.count + 1,
            steady(self.nats + log_loss(p, won=won)),
            steady(self.squares + (p - won) ** 2),
        )


@dataclass(frozen=True, slots=True)
class LobeSums:
    """One expert: as it was, calibrated, and `credit`, the nats that the linear pool would have
    lost more without it, over `credited` labels."""

    raw: Sums = Sums()
    curved: Sums = Sums()
    credit: float = 0.0
    credited: int = 0


@dataclass(frozen=True, slots=True)
class Blocks:
    """Means over blocks of labels in their order, from which a band comes: labels follow each
    other too closely for each to count as one. `open_*`: the block that is not full yet."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    open_count: int = 0
    open_total: float = 0.0

    def plus(self, value: float) -> Blocks:
        """One label more."""
        held, total = self.open_count + 1, self.open_total + value
        if held < BLOCK:
            return replace(self, open_count=held, open_total=steady(total))
        mean = total / BLOCK
        return Blocks(self.count + 1, steady(self.total + mean), steady(self.squares + mean * mean))


@dataclass(frozen=True, slots=True)
class Scores:
    """`since`: the first state's version that is counted. `decided` is what decided, `top` the
    mixture without bounds, `linear` its linear pool, `base` the share of wins so far, `uniform` the
    plain mean of the lobes.

    `bins`: of `decided`, number, chances and wins by tenths. `paths`: for 0, 1, ... switches the
    most that a sequence of variants that ends with each would have saved against the linear pool.
    `joining`: nats that the bounds grew by, since experts that joined took their share. `late`: by
    how many more since outcomes came late; None where it was not counted from the start.
    """

    since: int
    wins: int = 0
    experts: tuple[Expert, ...] = ()
    decided: Sums = Sums()
    top: Sums = Sums()
    linear: Sums = Sums()
    base: Sums = Sums()
    uniform: Sums = Sums()
    lobes: tuple[LobeSums, ...] = ()
    bins: tuple[tuple[int, float, int], ...] = ((0, 0.0, 0),) * BINS
    skill: Blocks = Blocks()
    paths: tuple[tuple[float, ...], ...] = ((),) * (max(SWITCHES) + 1)
    joining: float = 0.0
    late: float | None = 0.0

    @property
    def labels(self) -> int:
        """How many labels are counted."""
        return self.decided.count

    @property
    def rounds(self) -> int:
        """How many labels the weights have seen; where counting began late, more than `labels`."""
        return self.since - 1 + self.labels

    def after(self, stood: Learned, former: Learned, told: Told, *, won: bool) -> Scores:
        """Return the scores after one label more.

        `stood`: what was learned when the entry was decided; `former`: before this label.
        """
        widened = self._among(former, told)
        every = variants_of(told, widened.experts)
        losses = [None if p is None else log_loss(p, won=won) for p in every]
        base = (self.wins + 1) / (self.labels + 2)
        raw = told.forecast.variants[: len(told.experts)]
        awake = [p for p in raw if p is not None]
        linear = told.forecast.pooled[0]
        pool = log_loss(linear, won=won)
        better = log_loss(base, won=won) - log_loss(told.deciding_p, won=won)
        return replace(
            widened,
            wins=self.wins + won,
            decided=self.decided.plus(told.deciding_p, won=won),
            top=self.top.plus(told.forecast.p, won=won),
            linear=self.linear.plus(linear, won=won),
            base=self.base.plus(base, won=won),
            uniform=self.uniform.plus(math.fsum(awake) / len(awake), won=won),
            lobes=_lobes_after(widened, every, _credits(stood, told, won=won), won=won),
            bins=_bins_after(self.bins, told.deciding_p, won=won),
            skill=self.skill.plus(better),
            paths=_paths_after(widened, losses, pool),
            late=_late_after(self.late, former.among(told.experts), losses, pool),
        )

    def _among(self, former: Learned, told: Told) -> Scores:
        """The same with the experts of what was told; those that are new start with nothing."""
        experts = former.among(told.experts).experts
        new = len(experts) - len(self.experts)
        if new <= 0:
            return self
        joining = self.joining
        if former.experts and len(experts) > len(former.experts):
            joined = 2 * (len(experts) - len(former.experts))
            entering = 1 / ((former.mixture.weights.rounds + 1) * 2 * len(experts))
            joining -= math.log1p(-joined * entering)
        return replace(
            self,
            experts=experts,
            lobes=(*self.lobes, *(LobeSums(),) * new),
            paths=tuple(_grown(self.paths, level, len(self.experts), new) for level in _LEVELS),
            joining=steady(joining),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        sums = ("decided", "top", "linear", "base", "uniform")
        return {
            "since": self.since,
            "wins": self.wins,
            "experts": [list(one) for one in self.experts],
            **{name: _sums_list(getattr(self, name)) for name in sums},
            "lobes": [
                [_sums_list(one.raw), _sums_list(one.curved), repr(one.credit), one.credited]
                for one in self.lobes
            ],
            "bins": [[count, repr(chances), wins] for count, chances, wins in self.bins],
            "skill": [
                self.skill.count,
                repr(self.skill.total),
                repr(self.skill.squares),
                self.skill.open_count,
                repr(self.skill.open_total),
            ],
            "paths": [[repr(one) for one in level] for level in self.paths],
            "joining": repr(self.joining),
            **({} if self.late is None else {"late": repr(self.late)}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        count, total, squares, open_count, open_total = data["skill"]
        sums = ("decided", "top", "linear", "base", "uniform")
        return cls(
            since=data["since"],
            wins=data["wins"],
            experts=tuple((lobe, version) for lobe, version in data["experts"]),
            **{name: _sums(data[name]) for name in sums},
            lobes=tuple(
                LobeSums(_sums(raw), _sums(curved), float(credit), credited)
                for raw, curved, credit, credited in data["lobes"]
            ),
            bins=tuple((count, float(chances), wins) for count, chances, wins in data["bins"]),
            skill=Blocks(count, float(total), float(squares), open_count, float(open_total)),
            paths=tuple(tuple(float(one) for one in level) for level in data["paths"]),
            joining=float(data["joining"]),
            late=float(data["late"]) if "late" in data else None,
        )


_LEVELS: Final = range(max(SWITCHES) + 1)


def scores_start(known: Learned) -> Scores:
    """Nothing counted; what lateness cost is known only where every label is counted."""
    return Scores(known.labels + 1, late=None if known.labels else 0.0)


def regret_switching(scores: Scores, switches: int) -> float:
    """What the linear pool lost beyond the best sequence with at most so many switches."""
    return max(scores.paths[switches], default=0.0)


def fixed_bound_of(scores: Scores) -> float:
    """ln 2N + ln T of `signals.fusion.mixing.sharing`, what joining took, and what lateness cost.

    Weights move with each label, so their bound is one of the mixed losses at the weights of then
    (`mixed_loss`). Where the pool told less well, by the weights of an earlier moment, the
    difference is counted: with it the bound holds however late outcomes come, and to each rival,
    awake or not. Where lateness was not counted it is that of outcomes known at once.
    """
    variants = 2 * len(scores.experts)
    return math.log(variants) + math.log(max(1, scores.rounds)) + _grown_by(scores)


def switching_bound_of(scores: Scores, switches: int) -> float | None:
    """(m + 1) ln 2N + ln T + the sum of ln (T - i) for i = 1 ... m, and the same on top.

    The weight of a path starts at 1 / 2N; after round t it keeps t / (t + 1) where it stays and
    1 / (2N (t + 1)) where it switches. None for as many switches as labels.
    """
    labels = scores.rounds
    if switches >= labels:
        return None
    switched = math.fsum(math.log(labels - one) for one in range(1, switches + 1))
    named = (switches + 1) * math.log(2 * len(scores.experts))
    return named + math.log(labels) + switched + _grown_by(scores)


def _grown_by(scores: Scores) -> float:
    return scores.joining + (scores.late or 0.0)


def _late_after(
    late: float | None, known: Learned, losses: Sequence[float | None], pool: float
) -> float | None:
    """Add the nats that the pool lost more than at the weights that the label moves, where it did.

    A rival that slept had no part in rounds where lateness was luck, so luck makes nothing good.
    """
    if late is None:
        return None
    return steady(late + max(0.0, pool - mixed_loss(known.mixture.weights, losses)))


def _grown(
    paths: Sequence[Sequence[float]], level: int, experts: int, new: int
) -> tuple[float, ...]:
    """Room for new variants: until now they saved nothing, unless a path switches to them."""
    before = max(paths[level - 1], default=0.0) if level else 0.0
    fresh = (max(0.0, before),) * new
    row = tuple(paths[level])
    return (*row[:experts], *fresh, *row[experts:], *fresh)


def _paths_after(
    scores: Scores, losses: Sequence[float | None], pool: float
) -> tuple[tuple[float, ...], ...]:
    gains = [0.0 if loss is None else pool - loss for loss in losses]
    if scores.labels == 0:
        return (tuple(steady(gain) for gain in gains),) * len(_LEVELS)
    fresh = []
    for level in _LEVELS:
        changed = max(scores.paths[level - 1]) if level else -math.inf
        row = zip(gains, scores.paths[level], strict=True)
        fresh.append(tuple(steady(gain + max(saved, changed)) for gain, saved in row))
    return tuple(fresh)


def _lobes_after(
    scores: Scores,
    every: Sequence[float | None],
    credit_of: Mapping[Expert, float],
    *,
    won: bool,
) -> tuple[LobeSums, ...]:
    count, found = len(scores.experts), []
    for place, (expert, sums) in enumerate(zip(scores.experts, scores.lobes, strict=True)):
        raw, curved = every[place], every[place + count]
        credit = credit_of.get(expert)
        found.append(
            LobeSums(
                sums.raw if raw is None else sums.raw.plus(raw, won=won),
                sums.curved if curved is None else sums.curved.plus(curved, won=won),
                sums.credit if credit is None else steady(sums.credit + credit),
                sums.credited + (credit is not None),
            )
        )
    return tuple(found)


def _credits(stood: Learned, told: Told, *, won: bool) -> dict[Expert, float]:
    """Nats that the linear pool would have lost more without each lobe, at the weights of then.

    One that was the only one awake has no credit: without it nothing would have been told.
    """
    known = stood.among(told.experts)
    variants = variants_of(told, known.experts)
    weights = shares(known.mixture.weights, [p is not None for p in variants])
    count, linear = len(known.experts), told.forecast.pooled[0]
    lost, found = log_loss(linear, won=won), {}
    for place, expert in enumerate(known.experts):
        pair = [(weights[k], variants[k]) for k in (place, place + count)]
        own = [(w, p) for w, p in pair if p is not None]
        left = 1 - math.fsum(w for w, _ in own)
        if not own or left < 1e-9:
            continue
        without = (linear - math.fsum(w * p for w, p in own)) / left
        p = min(max(without, 1e-6), 1 - 1e-6)
        found[expert] = log_loss(p, won=won) - lost
    return found


def _bins_after(
    bins: Sequence[tuple[int, float, int]], p: float, *, won: bool
) -> tuple[tuple[int, float, int], ...]:
    place = min(BINS - 1, int(p * BINS))
    count, chances, wins = bins[place]
    fresh = (count + 1, steady(chances + p), wins + won)
    return (*bins[:place], fresh, *bins[place + 1 :])


def _sums_list(one: Sums) -> list[Any]:
    return [one.count, repr(one.nats), repr(one.squares)]


def _sums(data: Sequence[Any]) -> Sums:
    return Sums(data[0], float(data[1]), float(data[2]))


def scores_after(
    value: str | None, former: str | None, record: Mapping[str, Any], *, won: bool
) -> str:
    """Return the canonical text of the scores after an outcome.

    `value`: the scores before, None where counting begins; `former`: the learned state before, None
    before the first; `record` is that of the decision.
    """
    known = learned_start() if former is None else Learned.from_dict(json.loads(former))
    state = record["inputs"].get("state")
    stood = learned_start() if state is None else Learned.from_dict(state)
    scores = scores_start(known) if value is None else Scores.from_dict(json.loads(value))
    told = Told.from_dict(record["outcome"]["told"])
    return canonical_json(scores.after(stood, known, told, won=won).to_dict())
