"""Outcomes that become known late: one copy of the state for each forecast that is still open.

Weinberger and Ordentlich, "On Delayed Prediction of Individual Sequences" (IEEE Transactions on
Information Theory 48, 2002). A forecast is made by a copy that waits for no outcome, so each copy
sees its own rounds as if nothing were late and keeps its bound. With at most D others open there
are D + 1 copies, whose bounds add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State")
Round = TypeVar("Round")
Told = TypeVar("Told")


@dataclass(slots=True)
class Play(Generic[State, Told]):
    """What was told in each round, by which copy, and the copies' states in the end."""

    told: list[Told] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)


def played(
    rounds: Sequence[Round],
    *,
    start: State,
    tell: Callable[[State, Round], Told],
    learn: Callable[[State, Told, Round], State],
    delays: Sequence[int],
) -> Play[State, Told]:
    """Tell each round before its outcome is learned; `delays`: how many rounds are told between.

    A delay of 0 is an outcome known before the next round.
    """
    play: Play[State, Told] = Play()
    waiting: list[tuple[int, int]] = []
    for number, one in enumerate(rounds):
        for due, asked in sorted(waiting):
            if due <= number:
                _learn(play, learn, asked, rounds[asked])
        waiting = [(due, asked) for due, asked in waiting if due > number]
        busy = {play.copies[asked] for _, asked in waiting}
        copy = next(index for index in range(len(busy) + 1) if index not in busy)
        if copy == len(play.states):
            play.states.append(start)
        play.copies.append(copy)
        play.told.append(tell(play.states[copy], one))
        waiting.append((number + 1 + delays[number], number))
    for _, asked in sorted(waiting):
        _learn(play, learn, asked, rounds[asked])
    return play


def _learn(
    play: Play[State, Told],
    learn: Callable[[State, Told, Round], State],
    asked: int,
    one: Round,
) -> None:
    copy = play.copies[asked]
    play.states[copy] = learn(play.states[copy], play.told[asked], one)
