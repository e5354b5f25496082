"""What experts and mixtures lost, and whether each mixture kept its promise at every round."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic

from signals.fusion.mixing.delays import Play, Round, State, Told, played
from signals.fusion.numbers import steady

# Of what was lost so far: beyond the promise by this much is a broken promise, not float digits.
ROUNDING: Final = 1e-9
Losses = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Reading(Generic[State, Round, Told]):
    """One mixture, read from a play.

    `bound` is what it may lose beyond any expert after the outcomes of a state, or None where
    nothing is promised; `promise` is its formula, N experts and T rounds.
    """

    name: str
    algorithm: str
    loss: Callable[[Told, Round], float]
    weights: Callable[[State], dict[str, float]] | None = None
    promise: str = ""
    bound: Callable[[State], float] | None = None


@dataclass(frozen=True, slots=True)
class Game(Generic[State, Round, Told]):
    """How a state tells a round and learns its outcome, and which mixtures that makes."""

    start: State
    tell: Callable[[State, Round], Told]
    learn: Callable[[State, Told, Round], State]
    readings: tuple[Reading[State, Round, Told], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A mixture's losses by round, and what is said of it."""

    name: str
    losses: tuple[float, ...]
    told: dict[str, Any]


def game_judged(
    game: Game[State, Round, Told],
    rounds: Sequence[Round],
    names: Sequence[str],
    experts: Sequence[Losses],
    delay: int,
) -> tuple[Play[State, Told], list[Judged]]:
    """Play the rounds, and judge each mixture against `experts`: their losses by round."""
    kept: dict[int, list[float | None]] = {}

    def tell(state: State, asked: tuple[int, Round]) -> Told:
        return game.tell(state, asked[1])

    def learn(state: State, told: Told, asked: tuple[int, Round]) -> State:
        number, one = asked
        after = game.learn(state, told, one)
        kept[number] = [
            None if reading.bound is None else reading.bound(after) for reading in game.readings
        ]
        return after

    numbered, delays = list(enumerate(rounds)), [delay] * len(rounds)
    play = played(numbered, start=game.start, tell=tell, learn=learn, delays=delays)
    judged = []
    for place, reading in enumerate(game.readings):
        losses = tuple(reading.loss(told, one) for told, one in zip(play.told, rounds, strict=True))
        bounds = _summed(play.copies, [kept[number][place] for number in range(len(rounds))])
        copies = f", for each of {len(play.states)} copies" if len(play.states) > 1 else ""
        told = {"name": reading.name, "algorithm": reading.algorithm, **loss_told(losses)}
        told["worst_regret"] = _worst(names, experts, losses, bounds, reading.promise + copies)
        if reading.weights is not None:
            told["weights"] = _weights(play, reading.weights)
        judged.append(Judged(reading.name, losses, told))
    return play, judged


def loss_told(losses: Losses) -> dict[str, Any]:
    """Rounds, sum and mean of what was lost while awake."""
    awake = [loss for loss in losses if loss is not None]
    total = math.fsum(awake)
    return {
        "rounds": len(awake),
        "loss": steady(total),
        "mean_loss": steady(total / len(awake)) if awake else None,
    }


def regret(mixture: Sequence[float], expert: Losses) -> float:
    """What the mixture lost beyond an expert over the rounds in which that one was awake."""
    return math.fsum(
        mine - loss for mine, loss in zip(mixture, expert, strict=True) if loss is not None
    )


def _summed(copies: Sequence[int], bounds: Sequence[float | None]) -> list[float] | None:
    """The bound after each round: that of every copy that was used by then, added up."""
    latest: dict[int, float] = {}
    summed = []
    for copy, bound in zip(copies, bounds, strict=True):
        if bound is None:
            return None
        latest[copy] = bound
        summed.append(math.fsum(latest.values()))
    return summed


def _worst(
    names: Sequence[str],
    experts: Sequence[Losses],
    mixture: Sequence[float],
    bounds: Sequence[float] | None,
    promise: str,
) -> dict[str, Any]:
    """The largest regret after any round against any expert, and how often a bound was passed."""
    totals, lost, broken = [0.0] * len(names), 0.0, 0
    worst, at, against = -math.inf, 0, 0
    for number, mine in enumerate(mixture):
        lost += mine
        for expert, losses in enumerate(experts):
            loss = losses[number]
            if loss is None:
                continue
            totals[expert] += mine - loss
            if totals[expert] > worst:
                worst, at, against = totals[expert], number, expert
            room = ROUNDING * max(1.0, lost)
            broken += bounds is not None and totals[expert] > bounds[number] + room
    told = {"value": steady(worst), "expert": names[against], "round": at + 1}
    if bounds is None:
        return {**told, "bound": None}
    return {**told, "bound": steady(bounds[at]), "formula": promise, "times_beyond": broken}


def _weights(
    play: Play[State, Told], weights: Callable[[State], dict[str, float]]
) -> dict[str, float]:
    """The weights in the end, of all copies by how often each was used."""
    sums: dict[str, float] = {}
    for copy, state in enumerate(play.states):
        share = play.copies.count(copy) / len(play.copies)
        for name, weight in weights(state).items():
            sums[name] = sums.get(name, 0.0) + share * weight
    return {name: steady(weight) for name, weight in sums.items()}
