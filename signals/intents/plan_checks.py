"""Which plans can be meant: shares, stop and targets, units, times. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Final

from signals.intents.checks import check_positive
from signals.intents.invalid import IntentInvalid
from signals.intents.legs import Leg
from signals.intents.plan import BreakEven, Delay, Distance, Plan, PlanTarget, Trailing

TARGETS_MAX: Final = 5
TARGET_KINDS: Final = ("price", "points", "pips", "percent")
DISTANCE_KINDS: Final = ("points", "pips", "percent")
SPREAD_KINDS: Final = ("points", "pips")
# A month; what is to be held for longer is no trade of a plan.
TIME_EXIT_SECONDS_MAX: Final = 2_678_400
DELAY_SECONDS_MAX: Final = 3_600
HUNDRED: Final = Decimal(100)


def check_plan(leg: Leg, ref_price: Decimal | None) -> None:
    """Raise IntentInvalid where the plan of a leg, if it has one, cannot be meant."""
    plan = leg.plan
    if plan is None:
        return
    _require(leg.verb == "entry", "plan_misplaced", "A plan belongs to an entry.")
    _require(not plan.is_empty, "plan_empty", "The plan asks for nothing.")
    if plan.targets:
        _check_targets(leg, plan.targets, ref_price)
    if plan.trailing is not None:
        _check_trailing(plan.trailing)
    if plan.break_even is not None:
        _check_break_even(plan.break_even)
    moves = plan.targets or plan.trailing or plan.break_even
    _require(not moves or leg.has_stop, "plan_without_stop", _NO_STOP)
    _check_sending(leg, plan)


_NO_STOP: Final = "A plan with targets, a trailing stop or a break-even needs a stop to begin with."


def _check_targets(leg: Leg, targets: tuple[PlanTarget, ...], ref_price: Decimal | None) -> None:
    _require(len(targets) <= TARGETS_MAX, "plan_targets", f"At most {TARGETS_MAX} targets.")
    _require(leg.tp is None, "plan_two_targets", "Put the target into the plan, or alone beside.")
    for one in targets:
        _require(one.kind in TARGET_KINDS, "unknown_target_kind", "A target's kind is unknown.")
        check_positive(one.value, "a target's value")
        check_positive(one.share, "a target's share")
    _require(
        sum(one.share for one in targets) <= HUNDRED,
        "plan_shares",
        "The shares of the targets are above 100 %.",
    )
    _one_unit((one.kind for one in targets), "targets")
    _check_ladder(leg, targets, ref_price)


def _check_ladder(leg: Leg, targets: tuple[PlanTarget, ...], ref_price: Decimal | None) -> None:
    """Each target lies beyond the one before it, the first beyond price and stop."""
    up = -1 if targets[0].kind == "price" and leg.side == "sell" else 1
    values = [one.value * up for one in targets]
    _require(len(set(values)) == len(values), "plan_target_twice", "Two targets are the same.")
    _require(
        all(near < far for near, far in pairwise(values)),
        "plan_target_order",
        "Name the targets in the order in which the price reaches them.",
    )
    if targets[0].kind != "price":
        short = leg.side == "sell" and targets[-1].kind == "percent"
        _require(not short or targets[-1].value < HUNDRED, "percent_range", _BELOW_ZERO)
        return
    levels = leg.price_levels(ref_price)
    stop = levels.stop
    _require(
        stop is None or stop * up < values[0],
        "plan_stop_beyond_target",
        "The stop lies beyond a target.",
    )
    _require(
        levels.entry is None or levels.entry * up < values[0],
        "bracket_wrong_side",
        f"A target lies on the losing side of a {leg.side}.",
    )


_BELOW_ZERO: Final = "A distance below the price must be less than 100 percent."


def _check_trailing(trailing: Trailing) -> None:
    told = {"distance": trailing.distance, "trigger": trailing.trigger, "step": trailing.step}
    _distances(told, "trailing")
    step = trailing.step
    _require(
        step is None or step.value <= trailing.distance.value,
        "plan_absurd",
        "A trailing step is at most its distance.",
    )


def _check_break_even(rule: BreakEven) -> None:
    _distances({"trigger": rule.trigger, "offset": rule.offset}, "break_even")
    _require(
        rule.offset is None or rule.offset.value < rule.trigger.value,
        "plan_break_even",
        "The offset of a break-even is below its trigger: the stop stands behind the price.",
    )


def _check_sending(leg: Leg, plan: Plan) -> None:
    """When, at which spread and how far from the market it is sent, and for how long it is held."""
    _seconds(plan.time_exit_seconds, TIME_EXIT_SECONDS_MAX, "time_exit_seconds")
    if plan.spread is not None:
        known = plan.spread.kind in SPREAD_KINDS
        _require(known, "unknown_target_kind", "A spread is told in points or pips.")
        check_positive(plan.spread.value, "spread")
    if plan.delay is not None:
        _check_delay(plan.delay)
    if plan.entry_distance is not None:
        _check_entry_distance(leg, plan.entry_distance)


def _check_delay(delay: Delay) -> None:
    for name in ("seconds", "expires_seconds"):
        _require(getattr(delay, name) is not None, "missing_field", f"delay needs {name}.")
        _seconds(getattr(delay, name), DELAY_SECONDS_MAX, f"delay.{name}")


def _check_entry_distance(leg: Leg, distance: Distance) -> None:
    """It takes the place of the order's price, and a stop that counts from the fill follows it."""
    _distances({"entry_distance": distance}, "plan")
    _require(
        leg.order_type in ("limit", "stop"),
        "plan_entry_distance",
        "A distance from the market goes with limit and stop orders, without a price.",
    )
    absolute = leg.sl is not None and leg.sl.kind == "price"
    absolute |= leg.tp is not None and leg.tp.kind == "price"
    absolute |= any(one.kind == "price" for one in leg.plan.targets) if leg.plan else False
    _require(
        not absolute,
        "plan_entry_distance",
        "With a distance from the market, stop and targets are distances too.",
    )


def _distances(told: dict[str, Distance | None], where: str) -> None:
    said = {name: one for name, one in told.items() if one is not None}
    for name, one in said.items():
        _require(one.kind in DISTANCE_KINDS, "unknown_target_kind", f"{name}: kind is unknown.")
        check_positive(one.value, f"{where}.{name}")
        _require(one.kind != "percent" or one.value < HUNDRED, "percent_range", _BELOW_ZERO)
    _one_unit((one.kind for one in said.values()), where)


def _one_unit(kinds: Iterable[str], where: str) -> None:
    _require(len(set(kinds)) <= 1, "plan_units", f"Count everything of {where} in one unit.")


def _seconds(value: int | None, most: int, name: str) -> None:
    _require(
        value is None or 1 <= value <= most, "plan_absurd", f"{name} is from 1 to {most} seconds."
    )


def _require(holds: bool, code: str, message: str) -> None:
    if not holds:
        raise IntentInvalid(code, message)
