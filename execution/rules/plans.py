"""A plan after its fill: which parts are closed, where the stop moves, when all is closed. Pure.

The executor keeps a `PlanState` and asks `plan_step` at each look at the market; everything else is
counted anew from what the broker shows, so that a step taken twice is taken once.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Final

from execution.rules.prices import PriceScale, distance_of, snap_price
from execution.rules.sizing import floor_to_step
from execution.wire.fields import number_text as text
from execution.wire.plans import BreakEven, Distance, Plan, Trailing

NOTHING: Final = Decimal(0)
WHOLE: Final = Decimal(100)
# Where a trailing stop says no step, it moves by a tenth of its distance.
STEPS_IN_DISTANCE: Final = 10


@dataclass(frozen=True, slots=True)
class LotScale:
    """How the symbol's volume is counted."""

    step: Decimal
    least: Decimal


@dataclass(frozen=True, slots=True)
class Filled:
    """What the entry was filled with: its side, mean price and lots."""

    side: str
    price: Decimal
    lots: Decimal

    @property
    def up(self) -> int:
        """1 where a rising price gains, else -1."""
        return 1 if self.side == "buy" else -1


@dataclass(frozen=True, slots=True)
class PlanState:
    """What a plan has come to; each member only ever grows.

    `reached`: how many targets; `goal`: the lots that these close, of what was filled by then.
    `trailed`: how many steps of the trailing stop, 0 before its trigger, 1 at it. `moved`: whether
    the stop is the plan's own by now. `told` targets and the stop `stop_told` were told as done.
    """

    reached: int = 0
    goal: Decimal = NOTHING
    trailed: int = 0
    is_even: bool = False
    is_time_over: bool = False
    moved: bool = False
    has_target: bool = False
    told: int = 0
    stop_told: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The position as the broker shows it: what is open, its stop and target.

    `closed_lots`: what the plan has closed of it. `price`: what closing it would get now.
    """

    price: Decimal
    open_lots: Decimal
    closed_lots: Decimal
    stop: Decimal | None
    target: Decimal | None
    seconds: Decimal


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What is to be done now: close so many lots, then set stop and target; `why` names it.

    `stop` None leaves both as they are. `stands`: the stop that the plan asks for by now, where
    the broker shows it.
    """

    state: PlanState
    close_lots: Decimal = NOTHING
    close_why: str = ""
    stop: Decimal | None = None
    target: Decimal | None = None
    stop_why: str = ""
    stands: Decimal | None = None


def plan_fault(plan: Plan, *, side: str, has_stop: bool) -> str:
    """Return why an executor cannot carry the plan out, or an empty text."""
    moves = plan.targets or plan.trailing is not None or plan.break_even is not None
    if moves and not has_stop:
        return "its plan needs a stop"
    if not moves and plan.time_exit_seconds is None:
        return "its plan asks for nothing"
    if sum(one.share for one in plan.targets) > WHOLE:
        return "the shares of its targets are above 100"
    if len({one.unit for one in plan.targets}) > 1:
        return "its targets are counted in several units"
    values = [one.value for one in plan.targets]
    if side == "sell" and any(one.unit == "price" for one in plan.targets):
        values.reverse()
    if not all(near < far for near, far in pairwise(values)):
        return "its targets are not in their order"
    even = plan.break_even
    if even is not None and even.offset is not None and even.offset.value >= even.trigger.value:
        return "its break-even stands beyond its trigger"
    return ""


def target_prices(plan: Plan, filled: Filled, scale: PriceScale) -> tuple[Decimal, ...]:
    """Return the price of each target, on the symbol's ticks."""
    return tuple(
        snap_price(
            one.value
            if one.unit == "price"
            else filled.price + filled.up * distance_of(one.unit, one.value, filled.price, scale),
            scale,
        )
        for one in plan.targets
    )


def target_lots(plan: Plan, lots: Decimal, scale: LotScale) -> tuple[Decimal, ...]:
    """Return what each target closes: its share, down to the lot step, or nothing.

    Nothing is closed that is below the least lot, and nothing below it is left. Where the shares
    are 100 % the last target closes all that is left.
    """
    parts: list[Decimal] = []
    for one in plan.targets:
        part = floor_to_step(lots * one.share / WHOLE, scale.step)
        left = lots - sum(parts) - part
        if NOTHING < left < scale.least:
            part = floor_to_step(part - (scale.least - left), scale.step)
        parts.append(part if part >= scale.least else NOTHING)
    if parts and closes_all(plan):
        parts[-1] = lots - sum(parts[:-1])
    return tuple(parts)


def closes_all(plan: Plan) -> bool:
    """Whether its targets are of the whole volume."""
    return sum(one.share for one in plan.targets) == WHOLE


def plan_step(
    *,
    plan: Plan,
    filled: Filled,
    held: Held,
    state: PlanState,
    prices: PriceScale,
    lots: LotScale,
) -> PlanStep:
    """Return what the plan does at this look: what comes first is what lowers risk most."""
    targets = target_prices(plan, filled, prices)
    before = state.reached
    state = _seen(plan, filled, held, state, targets, prices)
    if state.reached > before:
        due = sum(target_lots(plan, filled.lots, lots)[: state.reached], NOTHING)
        state = replace(state, goal=max(state.goal, due))
    if targets and closes_all(plan) and held.target == targets[-1]:
        state = replace(state, has_target=True)
    if state.is_time_over:
        return PlanStep(state, held.open_lots, "time_exit")
    stop, why = _stop(plan, filled, state, prices)
    if stop is not None and (held.price - stop) * filled.up <= 0:
        return PlanStep(state, held.open_lots, "stop_passed")
    wanted = state.goal
    if state.reached == len(targets) and closes_all(plan):
        wanted = held.closed_lots + held.open_lots
    close = max(NOTHING, min(wanted - held.closed_lots, held.open_lots))
    step = PlanStep(state, close, f"target_{state.reached}" if close else "")
    if close == held.open_lots:
        return step
    is_tighter = stop is not None and (held.stop is None or (stop - held.stop) * filled.up > 0)
    if is_tighter:
        target = _target(plan, targets, held, state) or held.target
        moved = replace(state, moved=True)
        return replace(step, state=moved, stop=stop, target=target, stop_why=why)
    if state.moved and stop is not None and stop == held.stop:
        step = replace(step, stands=stop, stop_why=why)
    return _with_target(step, plan, targets, held)


def _with_target(step: PlanStep, plan: Plan, targets: tuple[Decimal, ...], held: Held) -> PlanStep:
    """The broker knows the last target of the whole, so that it counts without an executor."""
    target = _target(plan, targets, held, step.state)
    if target is None or held.stop is None:
        return step
    return replace(step, stop=held.stop, target=target)


def _target(
    plan: Plan, targets: tuple[Decimal, ...], held: Held, state: PlanState
) -> Decimal | None:
    """Return the last target where it is to be set now: once, and beside none that stands."""
    is_due = bool(targets) and closes_all(plan) and not state.has_target
    return targets[-1] if is_due and held.target is None else None


def _seen(
    plan: Plan,
    filled: Filled,
    held: Held,
    state: PlanState,
    targets: tuple[Decimal, ...],
    scale: PriceScale,
) -> PlanState:
    """What the price and the time have brought; nothing is taken back."""
    gained = (held.price - filled.price) * filled.up
    reached = state.reached
    while reached < len(targets) and (held.price - targets[reached]) * filled.up >= 0:
        reached += 1
    even = plan.break_even
    is_even = even is not None and gained >= _away(even.trigger, filled, scale)
    trailed = 0
    if plan.trailing is not None:
        trailed = _trailed(plan.trailing, filled, gained, scale)
    limit = plan.time_exit_seconds
    return replace(
        state,
        reached=reached,
        is_even=state.is_even or is_even,
        trailed=max(state.trailed, trailed),
        is_time_over=state.is_time_over or (limit is not None and held.seconds >= limit),
    )


def _trailed(rule: Trailing, filled: Filled, gained: Decimal, scale: PriceScale) -> int:
    """Return the number of steps that this gain is worth, down to whole ones."""
    since = NOTHING if rule.trigger is None else _away(rule.trigger, filled, scale)
    if gained < since:
        return 0
    return 1 + int((gained - since) / trailing_step(rule, filled, scale))


def trailing_step(rule: Trailing, filled: Filled, scale: PriceScale) -> Decimal:
    """Return by how much the trailing stop moves at a time, no less than a tick."""
    if rule.step is not None:
        return max(_away(rule.step, filled, scale), scale.tick_size)
    return max(_away(rule.distance, filled, scale) / STEPS_IN_DISTANCE, scale.tick_size)


def _stop(
    plan: Plan, filled: Filled, state: PlanState, scale: PriceScale
) -> tuple[Decimal | None, str]:
    """Return the tightest stop that the plan asks for by now, and which rule that is."""
    found: list[tuple[Decimal, str]] = []
    if plan.break_even is not None and state.is_even:
        found.append((_even(plan.break_even, filled, scale), "break_even"))
    rule = plan.trailing
    if rule is not None and state.trailed:
        since = NOTHING if rule.trigger is None else _away(rule.trigger, filled, scale)
        gain = since + (state.trailed - 1) * trailing_step(rule, filled, scale)
        away = gain - _away(rule.distance, filled, scale)
        found.append((filled.price + filled.up * away, "trailing"))
    if not found:
        return None, ""
    stop, why = max(found, key=lambda one: one[0] * filled.up)
    snapped = _snap_back(stop, filled, scale)
    return (snapped, why) if snapped > 0 else (None, "")


def _even(rule: BreakEven, filled: Filled, scale: PriceScale) -> Decimal:
    offset = NOTHING if rule.offset is None else _away(rule.offset, filled, scale)
    return filled.price + filled.up * offset


def _snap_back(stop: Decimal, filled: Filled, scale: PriceScale) -> Decimal:
    """Down to a tick, away from the price: a stop never stands nearer than was asked."""
    rounding = ROUND_FLOOR if filled.up > 0 else ROUND_CEILING
    ticks = (stop / scale.tick_size).quantize(Decimal(1), rounding=rounding)
    return (ticks * scale.tick_size).quantize(scale.point.min(scale.tick_size))


def _away(distance: Distance, filled: Filled, scale: PriceScale) -> Decimal:
    return distance_of(distance.unit, distance.value, filled.price, scale)


def step_words(step: PlanStep) -> str:
    """Return what is done as one line, for people."""
    if step.close_lots:
        return f"{step.close_why}, {text(step.close_lots)} lots"
    target = "" if step.target is None else f", target {text(step.target)}"
    return "" if step.stop is None else f"stop {text(step.stop)}{target}"
