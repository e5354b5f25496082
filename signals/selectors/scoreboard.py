"""How good fusion and each of its lobes were: one family's figures, as of one moment.

Sums are read from one row that each label adds to; what no sum tells (calibration of sets, latency)
is read of the newest labels alone. Nothing here reads the whole history.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from fusion_project.text.curves import curve_path, evenly
from fusion_project.text.formats import signed
from signals.fusion.learned import Expert, Learned
from signals.fusion.mixing.sharing import shares
from signals.fusion.scoring.scores import (
    BLOCK,
    SWITCHES,
    Scores,
    Sums,
    fixed_bound_of,
    regret_switching,
    switching_bound_of,
)
from signals.models import FusionScore, FusionState, Strategy
from signals.selectors.lately import Coverage, LobeLately, lately_read

POINTS_MAX: Final = 60
TONES: Final = 8
BLOCKS_MIN: Final = 5
_Z_95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Family:
    """Strategies that learn together for one horizon. `key` is the number of its first state."""

    key: int
    family: str
    horizon_seconds: int
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """The names of its strategies."""
        return ", ".join(self.names)

    @staticmethod
    def chosen(families: Sequence[Family], key: str) -> Family | None:
        """Return the one with that key, else the first; None where there is none."""
        return next((one for one in families if str(one.key) == key), next(iter(families), None))


@dataclass(frozen=True, slots=True)
class Score:
    """One forecaster's mean losses a label, over the labels it was awake for."""

    name: str
    labels: int
    nats: Decimal | None
    squares: Decimal | None


@dataclass(frozen=True, slots=True)
class LobeScore:
    """One expert. `regret`: nats that the linear pool lost beyond it, the better of raw and
    calibrated; `credit`: nats a label that the pool would have lost more without it.
    """

    lobe: str
    version: str
    weight: Decimal
    raw: Score
    curved: Score
    regret: Decimal
    credit: Decimal | None
    lately: LobeLately | None


@dataclass(frozen=True, slots=True)
class Regret:
    """Nats that the linear pool lost beyond a rival, and the most that it may; None: no bound."""

    rival: str
    value: Decimal
    bound: Decimal | None
    formula: str


@dataclass(frozen=True, slots=True)
class Skill:
    """Nats a label that what decided lost less than the share of wins so far, with a 95 % band."""

    value: Decimal
    low: Decimal | None
    high: Decimal | None
    blocks: int


@dataclass(frozen=True, slots=True)
class Tenth:
    """Entries whose chance lay in one tenth: how many, their mean chance, the share that won."""

    count: int
    chance: Decimal
    won: Decimal


@dataclass(frozen=True, slots=True)
class WeightLine:
    """One expert's weight over time as a path; `tone` counts its colour from 1."""

    title: str
    tone: int
    path: str


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """Everything the pages show of one family. `open_max`: most outcomes that were open at once.

    `late`: nats that the bounds grew by for that; None where it was not counted.
    """

    family: Family
    labels: int
    counted: int
    wins: int
    open_max: int
    known_at: datetime
    forecasters: tuple[Score, ...]
    lobes: tuple[LobeScore, ...]
    regrets: tuple[Regret, ...]
    skill: Skill | None
    tenths: tuple[Tenth, ...]
    weights: tuple[WeightLine, ...]
    coverage: Coverage | None
    joining: Decimal
    late: Decimal | None
    lately_labels: int

    @property
    def uncounted(self) -> int:
        """Labels from before there were scores."""
        return self.labels - self.counted

    @property
    def grid(self) -> tuple[int, ...]:
        """Where a quarter of the whole weight stands, in the chart's units."""
        return (0, 250, 500, 750, 1000)

    @property
    def calibration_path(self) -> str:
        """Share of wins over chance."""
        return curve_path([(one.chance, one.won) for one in self.tenths])

    @property
    def skill_words(self) -> str:
        """What the difference to the share of wins is worth."""
        return "" if self.skill is None else _skill_words(self.skill)


def scoreboard_families(*, recorded_until: datetime) -> list[Family]:
    """Return the families in use that have learned something by then, by name."""
    members: dict[tuple[str, int], list[str]] = {}
    rows = Strategy.objects.filter(is_drill=False, created_at__lte=recorded_until)
    for one in rows.select_related("policy").order_by("name"):
        key = (one.policy.family or one.slug, one.policy.horizon_seconds)
        members.setdefault(key, []).append(one.name)
    found = []
    for (family, horizon), names in sorted(members.items(), key=lambda item: item[1]):
        first = FusionState.objects.filter(
            family=family, horizon_seconds=horizon, version=1, created_at__lte=recorded_until
        ).first()
        if first is not None:
            found.append(Family(first.id, family, horizon, tuple(names)))
    return found


def scoreboard_get(*, family: Family, recorded_until: datetime) -> Scoreboard | None:
    """Return the family's figures as they stood then; None before its first counted label."""
    of_it = FusionState.objects.filter(family=family.family, horizon_seconds=family.horizon_seconds)
    state = of_it.filter(created_at__lte=recorded_until).order_by("-version").first()
    score = FusionScore.objects.filter(state=state).first() if state else None
    if state is None or score is None:
        return None
    known = Learned.from_dict(json.loads(state.value))
    scores = Scores.from_dict(json.loads(score.value))
    lately = lately_read(family.family, family.horizon_seconds, recorded_until=recorded_until)
    lobes = _lobes(known, scores, lately.lobes)
    return Scoreboard(
        family=family,
        labels=known.labels,
        counted=scores.labels,
        wins=scores.wins,
        open_max=known.open_max,
        known_at=state.known_at,
        forecasters=_forecasters(scores),
        lobes=lobes,
        regrets=_regrets(known, scores),
        skill=_skill(scores),
        tenths=_tenths(scores),
        weights=_weights(family, state.version, [(one.lobe, one.version) for one in lobes]),
        coverage=lately.coverage,
        joining=_number(scores.joining),
        late=None if scores.late is None else _number(scores.late),
        lately_labels=lately.labels,
    )


def _forecasters(scores: Scores) -> tuple[Score, ...]:
    return (
        _score("What decided", scores.decided),
        _score("Mixture of all lobes", scores.top),
        _score("Its linear pool", scores.linear),
        _score("Plain mean of the lobes", scores.uniform),
        _score("Share of wins so far", scores.base),
    )


def _score(name: str, sums: Sums) -> Score:
    if not sums.count:
        return Score(name, 0, None, None)
    return Score(
        name, sums.count, _number(sums.nats / sums.count), _number(sums.squares / sums.count)
    )


def _lobes(
    known: Learned, scores: Scores, lately: dict[tuple[str, str], LobeLately]
) -> tuple[LobeScore, ...]:
    every = shares(known.mixture.weights, [True] * len(known.mixture.weights.logs))
    count, found = len(known.experts), []
    sums = dict(zip(scores.experts, scores.lobes, strict=True))
    for place, expert in enumerate(known.experts):
        own = sums[expert]
        lead = max(known.mixture.leads[place], known.mixture.leads[place + count])
        found.append(
            LobeScore(
                lobe=expert[0],
                version=expert[1],
                weight=_number(every[place] + every[place + count]),
                raw=_score("as it is", own.raw),
                curved=_score("calibrated", own.curved),
                regret=_number(lead),
                credit=_number(own.credit / own.credited) if own.credited else None,
                lately=lately.get(expert),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.weight, one.lobe, one.version)))


def _regrets(known: Learned, scores: Scores) -> tuple[Regret, ...]:
    fixed = Regret(
        "best lobe",
        _number(max(known.mixture.leads)),
        _number(fixed_bound_of(scores)),
        "ln 2N + ln T",
    )
    switching = [
        Regret(
            f"best sequence with {count} {'switch' if count == 1 else 'switches'}",
            _number(regret_switching(scores, count)),
            None if bound is None else _number(bound),
            "(m + 1) ln 2N + ln T + ln (T - 1) + … + ln (T - m)",
        )
        for count in SWITCHES
        for bound in [switching_bound_of(scores, count)]
    ]
    return (fixed, *switching)


def _skill(scores: Scores) -> Skill | None:
    """The band is that of the mean of blocks of labels, which are nearly independent."""
    blocks = scores.skill
    if not scores.labels:
        return None
    value = (scores.base.nats - scores.decided.nats) / scores.labels
    if blocks.count < BLOCKS_MIN:
        return Skill(_number(value), None, None, blocks.count)
    mean = blocks.total / blocks.count
    variance = max(0.0, blocks.squares / blocks.count - mean * mean)
    half = _Z_95 * math.sqrt(variance / (blocks.count - 1))
    return Skill(_number(value), _number(mean - half), _number(mean + half), blocks.count)


def _tenths(scores: Scores) -> tuple[Tenth, ...]:
    return tuple(
        Tenth(count, _number(chances / count), _number(wins / count))
        for count, chances, wins in scores.bins
        if count
    )


def _weights(family: Family, newest: int, order: Sequence[Expert]) -> tuple[WeightLine, ...]:
    """The lines in the order of the table; the x axis goes from the first label to the newest."""
    rows = FusionState.objects.filter(
        family=family.family,
        horizon_seconds=family.horizon_seconds,
        version__in=evenly(newest, POINTS_MAX),
    )
    lines: dict[Expert, list[tuple[Decimal, Decimal]]] = {}
    for version, value in rows.order_by("version").values_list("version", "value"):
        known = Learned.from_dict(json.loads(value))
        every = shares(known.mixture.weights, [True] * len(known.mixture.weights.logs))
        count = len(known.experts)
        x = Decimal(version - 1) / max(1, newest - 1)
        for place, expert in enumerate(known.experts):
            weight = _number(every[place] + every[place + count])
            lines.setdefault(expert, []).append((x, weight))
    return tuple(
        WeightLine(
            f"{expert[0].replace('_', ' ')} {expert[1]}",
            tone % TONES + 1,
            curve_path(lines[expert]),
        )
        for tone, expert in enumerate(order)
        if expert in lines
    )


def _skill_words(skill: Skill) -> str:
    told = (
        f"What decided lost {_signed(skill.value)} nats a label less than the share of wins so far"
    )
    if skill.low is None or skill.high is None:
        return f"{told}; too few labels for a band of that."
    band = f"{_signed(skill.low)} to {_signed(skill.high)}"
    sure = "more than nothing" if skill.low > 0 else "which may be nothing"
    blocks = f"{skill.blocks} stretches of {BLOCK} labels"
    return f"{told}, {sure}: with 95 % within {band}, from {blocks}."


def _signed(value: Decimal) -> str:
    return signed(value, places=4)


def _number(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")
