"""Plans in the keys of a sender: a trailing stop and a break-even told in pips. Pure.

A rule is read where the sender says all of it; one that a terminal's settings would fill up is
left to whoever carries that dialect out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from signals.dialects.values import number, positive
from signals.intents.plan import BreakEven, Distance, Plan, Trailing

PIPS: Final = "pips"


@dataclass(frozen=True, slots=True)
class PlanKeys:
    """How a dialect names the parts of both rules, and a distance of the order from the market."""

    trigger: str
    distance: str
    step: str
    even_trigger: str
    even_offset: str
    entry_distances: Mapping[str, str]

    def read_by(self, plan: Plan | None) -> frozenset[str]:
        """Return the keys whose meaning is in the plan."""
        found: set[str] = set()
        if plan is not None and plan.trailing is not None:
            found |= {self.trigger, self.distance, self.step}
        if plan is not None and plan.break_even is not None:
            found |= {self.even_trigger, self.even_offset}
        return frozenset(found)


def plan_read(values: Mapping[str, str], keys: PlanKeys) -> Plan | None:
    """Return the plan that the keys tell, None where they tell none."""
    away = [name for name in keys.entry_distances if name in values]
    plan = Plan(
        trailing=_trailing(values, keys),
        break_even=_break_even(values, keys),
        entry_distance=_pips(values, away[0], keys.entry_distances[away[0]]) if away else None,
    )
    return None if plan.is_empty else plan


def _trailing(values: Mapping[str, str], keys: PlanKeys) -> Trailing | None:
    """All three are told, or what is missing stands in the sender's terminal."""
    names = (keys.distance, keys.trigger, keys.step)
    if any(name not in values for name in names):
        return None
    distance, trigger, step = (_pips(values, name) for name in names)
    return Trailing(distance, trigger, step)


def _break_even(values: Mapping[str, str], keys: PlanKeys) -> BreakEven | None:
    if keys.even_trigger not in values:
        return None
    offset = values.get(keys.even_offset)
    has_none = offset is None or number(offset, keys.even_offset) == Decimal(0)
    return BreakEven(
        _pips(values, keys.even_trigger), None if has_none else _pips(values, keys.even_offset)
    )


def _pips(values: Mapping[str, str], name: str, kind: str = PIPS) -> Distance:
    return Distance(kind, positive(values[name], name))
