"""A plan in plain words, one phrase for each of its rules, for people. Pure."""

from __future__ import annotations

from typing import Final

from fusion_project.text.canonical import decimal_text
from signals.intents.plan import BreakEven, Distance, Plan, PlanTarget, Trailing

_UNITS: Final = {"points": "points", "pips": "pips", "percent": "%"}


def distance_words(distance: Distance) -> str:
    """Return a distance such as `20 pips`."""
    return f"{decimal_text(distance.value)} {_UNITS[distance.kind]}"


def plan_words(plan: Plan) -> list[str]:
    """Return one phrase for each thing that the plan says."""
    words = []
    if plan.targets:
        words.append(f"closes {', '.join(_target(one) for one in plan.targets)}")
    if plan.break_even is not None:
        words.append(_break_even(plan.break_even))
    if plan.trailing is not None:
        words.append(_trailing(plan.trailing))
    if plan.time_exit_seconds is not None:
        words.append(f"closes what is left {plan.time_exit_seconds} s after the fill")
    if plan.spread is not None:
        words.append(f"waits for a spread of at most {distance_words(plan.spread)}")
    if plan.delay is not None:
        seconds, end = plan.delay.seconds, plan.delay.expires_seconds
        words.append(f"is sent {seconds} s after the alert, within {end} s")
    return words


def _target(target: PlanTarget) -> str:
    share, value = decimal_text(target.share), decimal_text(target.value)
    where = f"at {value}" if target.kind == "price" else f"after {value} {_UNITS[target.kind]}"
    return f"{share} % {where}"


def _break_even(rule: BreakEven) -> str:
    offset = "" if rule.offset is None else f" and {distance_words(rule.offset)}"
    return f"sets the stop to the fill{offset} after {distance_words(rule.trigger)}"


def _trailing(rule: Trailing) -> str:
    since = "" if rule.trigger is None else f" once it has gained {distance_words(rule.trigger)}"
    step = "" if rule.step is None else f" in steps of {distance_words(rule.step)}"
    return f"lets the stop follow at {distance_words(rule.distance)}{since}{step}"
