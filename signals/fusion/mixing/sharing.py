"""Weights of experts that may sleep, moved by their losses: Bayes and Fixed-Share, in log space.

Herbster and Warmuth, "Tracking the Best Expert" (Machine Learning 32, 1998); sleeping experts are
the specialists of Freund, Schapire, Singer and Warmuth (STOC 1997): one that sleeps is moved as if
it had lost what the mixture lost. Losses are in nats: log loss, or any 1-mixable one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from signals.fusion.numbers import log_sum_exp, shares_of, steady


@dataclass(frozen=True, slots=True)
class Weights:
    """Natural logarithms of weights that add up to 1, and how many outcomes have moved them."""

    logs: tuple[float, ...]
    rounds: int = 0


def even(count: int) -> Weights:
    """Every expert weighs the same."""
    return Weights((steady(-math.log(count)),) * count)


def shares(weights: Weights, awake: Sequence[bool]) -> list[float]:
    """What each expert has of the awake weight; 0 for those that sleep. One must be awake."""
    logs = [log if on else -math.inf for log, on in zip(weights.logs, awake, strict=True)]
    most = max(logs)
    return shares_of([math.exp(log - most) for log in logs])


def mixed_loss(weights: Weights, losses: Sequence[float | None]) -> float:
    """-ln of the sum of w'_k exp(-loss_k) over those awake; None is the loss of one that sleeps."""
    awake = [
        (log, loss) for log, loss in zip(weights.logs, losses, strict=True) if loss is not None
    ]
    mass = log_sum_exp([log for log, _ in awake])
    return mass - log_sum_exp([log - loss for log, loss in awake])


def moved(weights: Weights, losses: Sequence[float | None], *, is_sharing: bool) -> Weights:
    """The weights after an outcome: w_k exp(mixed loss - loss_k); then the share, if wanted.

    Sharing gives each expert alpha_t / N with alpha_t = 1 / (t + 1), where t counts the outcomes,
    this one included. A round in which everybody slept moves nothing.
    """
    if all(loss is None for loss in losses):
        return weights
    mixed = mixed_loss(weights, losses)
    logs = [
        log if loss is None else log - loss + mixed
        for log, loss in zip(weights.logs, losses, strict=True)
    ]
    whole = log_sum_exp(logs)
    logs = [log - whole for log in logs]
    rounds = weights.rounds + 1
    if is_sharing:
        kept = math.log(rounds / (rounds + 1))
        given = -math.log(rounds + 1) - math.log(len(logs))
        logs = [log_sum_exp((kept + log, given)) for log in logs]
    return Weights(tuple(steady(log) for log in logs), rounds)


def fixed_bound(count: int, rounds: int, *, is_sharing: bool) -> float:
    """Most nats lost more than any one expert over the rounds in which that one was awake.

    Without sharing its weight starts at 1/N and is multiplied by exp(mixed loss - loss) alone, and
    no weight exceeds 1: ln N. With sharing each of the T - 1 shares before the last outcome keeps
    1 - alpha_t = t / (t + 1) of it, asleep or not, whose product is 1 / T: ln N + ln T.
    """
    if rounds < 1:
        return 0.0
    return math.log(count) + (math.log(rounds) if is_sharing else 0.0)
