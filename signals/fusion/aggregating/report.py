"""The report on a table of experts: what each lost, what our mixtures lost, what they promise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from signals.fusion.aggregating.games import (
    Chances,
    binary_game,
    brier_game,
    log_game,
    log_loss,
    mean,
    number_game,
)
from signals.fusion.aggregating.judging import Judged, Losses, game_judged, loss_told, regret
from signals.fusion.aggregating.tables import (
    ChanceRound,
    NumberRound,
    Table,
    TableInvalid,
    chance_rounds,
    number_rounds,
)
from signals.fusion.aggregating.trading import Terms, trading_told
from signals.fusion.mixing.brier import brier_loss
from signals.fusion.numbers import clipped, shares_of, steady

LOSSES: Final = ("log", "brier", "square")
_SQUARES: Final = {True: "(p - y)^2", False: "sum of (p - y)^2 over the outcomes of a round"}
AnyRound = TypeVar("AnyRound", ChanceRound, NumberRound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which loss; how many forecasts are made until an outcome is known; the least chance."""

    loss: str
    delay: int = 0
    eps: float = 0.01
    terms: Terms | None = None


def report(asked: Asked, experts: Table, outcomes: Table) -> dict[str, Any]:
    """Return the report as plain JSON values. Raises TableInvalid."""
    if asked.terms is not None and (asked.loss != "log" or experts.has_rounds):
        raise TableInvalid("a payoff is for log loss of yes or no, without a column round")
    if asked.loss == "square":
        told = _numbers(asked, experts, number_rounds(experts, outcomes))
    else:
        told = _chances(asked, experts, chance_rounds(experts, outcomes))
    return {"loss": asked.loss, "delay": asked.delay, **told}


def _chances(asked: Asked, table: Table, every: Sequence[ChanceRound]) -> dict[str, Any]:
    is_log, is_yes_or_no = asked.loss == "log", not table.has_rounds
    rounds = _awake(table, [_clipped(one, asked.eps) for one in every] if is_log else every)
    scale = 0.5 if is_yes_or_no and not is_log else 1.0
    names = table.names

    def loss(told: Chances, outcome: int) -> float:
        return log_loss(told, outcome) if is_log else scale * brier_loss(told, outcome)

    experts = [
        [None if (told := one.experts[k]) is None else loss(told, one.outcome) for one in rounds]
        for k in range(len(names))
    ]
    uniform = [loss(mean([told for told in one.experts if told]), one.outcome) for one in rounds]
    judged: list[Judged] = []
    for is_sharing in (False, True):
        if is_log and is_sharing and is_yes_or_no:
            continue  # it shares over raw and calibrated experts, in the game below
        game = log_game(names, is_sharing) if is_log else brier_game(names, scale, is_sharing)
        judged += game_judged(game, rounds, names, experts, asked.delay)[1]
    trading: dict[str, Any] = {}
    if is_log and is_yes_or_no:
        binary = binary_game(names, asked.eps)
        play, pools = game_judged(binary, rounds, names, experts, asked.delay)
        judged += pools
        if asked.terms is not None:
            wins = [one.outcome == 1 for one in rounds]
            chances = [one.p for one in play.told]
            trading = {"trading": trading_told(asked.terms, chances, wins, asked.delay)}
    unit = "nats" if is_log else _SQUARES[is_yes_or_no]
    clip = {"clip": asked.eps} if is_log else {}
    return {"unit": unit, **clip, **_told(names, len(every), experts, uniform, judged), **trading}


def _numbers(asked: Asked, table: Table, every: Sequence[NumberRound]) -> dict[str, Any]:
    rounds = _awake(table, every)
    names = table.names
    experts = [
        [None if (x := one.experts[k]) is None else (x - one.outcome) ** 2 for one in rounds]
        for k in range(len(names))
    ]
    uniform = []
    for one in rounds:
        awake = [x for x in one.experts if x is not None]
        uniform.append((math.fsum(awake) / len(awake) - one.outcome) ** 2)
    _, judged = game_judged(number_game(names), rounds, names, experts, asked.delay)
    told = _told(names, len(every), experts, uniform, judged)
    for one in (*told["experts"], *told["mixtures"], told["uniform"]):
        if one["mean_loss"] is not None:
            one["rmse"] = steady(math.sqrt(one["mean_loss"]))
    return {"unit": "(x - y)^2", **told}


def _told(
    names: Sequence[str],
    every: int,
    experts: Sequence[Losses],
    uniform: Sequence[float],
    judged: Sequence[Judged],
) -> dict[str, Any]:
    told = [
        {
            "name": name,
            **loss_told(losses),
            "regrets": {one.name: steady(regret(one.losses, losses)) for one in judged},
        }
        for name, losses in zip(names, experts, strict=True)
    ]
    always = [one for one in told if one["rounds"] == len(uniform)]
    return {
        "rounds": len(uniform),
        "rounds_without_expert": every - len(uniform),
        "experts": told,
        "best_fixed": min(always, key=lambda one: one["loss"])["name"] if always else None,
        "uniform": loss_told(uniform),
        "mixtures": [one.told for one in judged],
    }


def _awake(table: Table, rounds: Sequence[AnyRound]) -> list[AnyRound]:
    """Those in which somebody says something; in the others there is nothing to mix."""
    found = [one for one in rounds if any(told is not None for told in one.experts)]
    if not found:
        raise TableInvalid(f"{table.file}: every expert sleeps in every round")
    return found


def _clipped(one: ChanceRound, eps: float) -> ChanceRound:
    """Chances no nearer to 0 than eps, so that no expert's loss is without end."""
    return ChanceRound(tuple(told and _no_less(told, eps) for told in one.experts), one.outcome)


def _no_less(told: Chances, eps: float) -> Chances:
    if len(told) == 2:
        return (1 - clipped(told[1], eps), clipped(told[1], eps))
    return tuple(shares_of([max(p, eps) for p in told]))
