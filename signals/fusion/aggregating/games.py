"""Which mixtures play under which loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from signals.fusion.aggregating.judging import Game, Reading
from signals.fusion.aggregating.tables import ChanceRound, NumberRound
from signals.fusion.mixing import binary, pools, sharing
from signals.fusion.mixing.binary import POOLS, BinaryForecast, BinaryState
from signals.fusion.mixing.brier import brier_loss, substituted
from signals.fusion.mixing.gradient import (
    NAME,
    GradientState,
    gradient_bound,
    gradient_forecast,
    gradient_learned,
    gradient_shares,
    gradient_start,
)
from signals.fusion.mixing.sharing import Weights, fixed_bound
from signals.fusion.numbers import steady

Chances = tuple[float, ...]
ChanceGame = Game[Weights, ChanceRound, Chances]


def log_loss(chances: Chances, outcome: int) -> float:
    """Nats lost by the chance of what happened."""
    return -math.log(chances[outcome])


def mean(chances: Sequence[Chances]) -> Chances:
    """Everybody weighs the same."""
    return tuple(math.fsum(parts) / len(chances) for parts in zip(*chances, strict=True))


def log_game(names: Sequence[str], is_sharing: bool) -> ChanceGame:
    """The linear pool of chances under log loss: Bayes, or Fixed-Share."""

    def tell(weights: Weights, one: ChanceRound) -> Chances:
        shares = sharing.shares(weights, [told is not None for told in one.experts])
        awake = [(w, told) for w, told in zip(shares, one.experts, strict=True) if told]
        each = zip(*(told for _, told in awake), strict=True)
        return tuple(steady(pools.linear([w for w, _ in awake], parts)) for parts in each)

    return _chance_game(names, tell, log_loss, 1.0, is_sharing=is_sharing)


def brier_game(names: Sequence[str], scale: float, is_sharing: bool) -> ChanceGame:
    """The Aggregating Algorithm under Brier loss; `scale` 1/2 makes it (p - y)^2 of a yes or no."""

    def tell(weights: Weights, one: ChanceRound) -> Chances:
        return substituted(weights, one.experts)

    return _chance_game(names, tell, brier_loss, scale, is_sharing=is_sharing)


def _chance_game(
    names: Sequence[str],
    tell: Callable[[Weights, ChanceRound], Chances],
    loss: Callable[[Chances, int], float],
    scale: float,
    *,
    is_sharing: bool,
) -> ChanceGame:
    def learn(weights: Weights, _: Chances, one: ChanceRound) -> Weights:
        losses = [None if told is None else loss(told, one.outcome) for told in one.experts]
        return sharing.moved(weights, losses, is_sharing=is_sharing)

    formula = "ln N + ln T" if is_sharing else "ln N"
    promise = formula if scale == 1 else f"({formula}) / 2"

    def bound(weights: Weights) -> float:
        return scale * fixed_bound(len(names), weights.rounds, is_sharing=is_sharing)

    reading: Reading[Weights, ChanceRound, Chances] = Reading(
        name="fixed_share" if is_sharing else "bayes",
        algorithm=_called(loss is brier_loss, is_sharing),
        loss=lambda told, one: scale * loss(told, one.outcome),
        weights=lambda weights: _named(names, _every(weights)),
        promise=promise,
        bound=lambda weights: (
            scale * fixed_bound(len(names), weights.rounds, is_sharing=is_sharing)
        ),
    )
    return Game(sharing.even(len(names)), tell, learn, (reading,))


def _called(is_brier: bool, is_sharing: bool) -> str:
    name = "strong Aggregating Algorithm" if is_brier else "Bayes mixture, linear pool"
    return f"{name} with sleeping Fixed-Share, alpha = 1/(t+1)" if is_sharing else name


def binary_game(names: Sequence[str], eps: float) -> Game[BinaryState, ChanceRound, BinaryForecast]:
    """Experts raw and calibrated, four pools, and the mixture of those."""
    variants = [*names, *(f"{name}, calibrated" for name in names)]
    count = len(names)

    def tell(state: BinaryState, one: ChanceRound) -> BinaryForecast:
        return binary.forecast(
            state, [None if told is None else told[1] for told in one.experts], eps
        )

    def learn(state: BinaryState, told: BinaryForecast, one: ChanceRound) -> BinaryState:
        return binary.learned(state, told, won=one.outcome == 1)

    def pool(place: int) -> Callable[[BinaryForecast, ChanceRound], float]:
        return lambda told, one: binary.log_loss(told.pooled[place], won=one.outcome == 1)

    linear: dict[str, Any] = {
        "weights": lambda state: _named(variants, _every(state.weights)),
        "promise": "ln 2N + ln T",
        "bound": lambda state: fixed_bound(2 * count, state.weights.rounds, is_sharing=True),
    }
    algorithms = (
        "linear pool of experts raw and calibrated, sleeping Fixed-Share, alpha = 1/(t+1)",
        "logarithmic pool by the same weights",
        "the linear pool, recalibrated",
        "the expert, raw or calibrated, that led so far",
    )
    readings = [
        Reading(name, algorithm, pool(place), **(linear if place == 0 else {}))
        for place, (name, algorithm) in enumerate(zip(POOLS, algorithms, strict=True))
    ]
    top: Reading[BinaryState, ChanceRound, BinaryForecast] = Reading(
        name="top",
        algorithm="Bayes mixture of the four pools",
        loss=lambda told, one: binary.log_loss(told.p, won=one.outcome == 1),
        weights=lambda state: _named(POOLS, _every(state.top)),
        promise="ln 2N + ln T + ln 4",
        bound=lambda state: binary.top_bound(count, state.weights.rounds),
    )
    return Game(binary.state_start(count), tell, learn, (*readings, top))


def number_game(names: Sequence[str]) -> Game[GradientState, NumberRound, float]:
    """Numbers under square loss."""

    def learn(state: GradientState, told: float, one: NumberRound) -> GradientState:
        return gradient_learned(state, one.experts, told, one.outcome)

    awake = [True] * len(names)
    reading: Reading[GradientState, NumberRound, float] = Reading(
        name="gradient",
        algorithm=NAME,
        loss=lambda told, one: (told - one.outcome) ** 2,
        weights=lambda state: _named(names, gradient_shares(state, awake)),
        promise="2 gap, the gap being what Hedge lost beyond its mixed charges",
        bound=gradient_bound,
    )
    return Game(
        gradient_start(len(names)),
        lambda state, one: gradient_forecast(state, one.experts),
        learn,
        (reading,),
    )


def _every(weights: Weights) -> list[float]:
    return sharing.shares(weights, [True] * len(weights.logs))


def _named(names: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return dict(zip(names, weights, strict=True))
