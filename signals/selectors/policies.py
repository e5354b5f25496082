"""A strategy's policy, part by part, and its versions: who changed what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from signals.models import Strategy, StrategyPolicy

_ABOUT_THE_VERSION: Final = ("id", "strategy", "version", "valid_from", "actor")
# The name is the strategy's own: changing it makes no new version of the policy.
OF_STRATEGY: Final = ("name",)
OF_POLICY: Final = tuple(
    field.name for field in StrategyPolicy._meta.fields if field.name not in _ABOUT_THE_VERSION
)
POLICY: Final = (*OF_STRATEGY, *OF_POLICY)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One version of a policy; `changes` holds (part, former value, value), empty for the first."""

    policy: StrategyPolicy
    changes: tuple[tuple[str, Any, Any], ...]


def policy_value(strategy: Strategy, part: str) -> Any:
    """Return the present value of one of `POLICY`."""
    return getattr(strategy if part in OF_STRATEGY else strategy.policy, part)


def policy_history(strategy: Strategy) -> list[PolicyStep]:
    """Return every version of the strategy's policy, the newest first."""
    rows = list(StrategyPolicy.objects.filter(strategy=strategy).order_by("-version"))
    steps = [PolicyStep(row, policy_differences(former, row)) for row, former in pairwise(rows)]
    return [*steps, *(PolicyStep(row, ()) for row in rows[-1:])]


def policy_differences(
    former: StrategyPolicy, policy: StrategyPolicy
) -> tuple[tuple[str, Any, Any], ...]:
    """Return (part, former value, value) of each part that differs."""
    values = ((part, getattr(former, part), getattr(policy, part)) for part in OF_POLICY)
    return tuple((part, old, new) for part, old, new in values if old != new)
