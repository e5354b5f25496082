"""What people say once about members of a strategy's alerts that nobody understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction

from signals.dialects.named_fields import key_of
from signals.dialects.settled import MEANS
from signals.errors import PolicyInvalid
from signals.models import Strategy
from signals.services.strategies import strategy_get, strategy_policy_change

NAMES_MAX: Final = 8


@transaction.atomic
def members_settle(
    *, slug: str, names: Iterable[str], kind: str, why: str, actor: str, means: str = ""
) -> Strategy:
    """Settle members, as written in a message, by a new version of the policy.

    `kind` is harmless, credential or means; the last says by `means` which member it stands for.
    What was refused is not traded late. Raises StrategyNotFound, PolicyInvalid.
    """
    told = {"is": kind, "why": why.strip(), **({"as": key_of(means)} if kind == MEANS else {})}
    keys = [key_of(name) for name in names if name.strip()]
    if not keys:
        raise PolicyInvalid("Name the members.", field="members")
    strategy = strategy_locked(slug)
    members = {**strategy.policy.members, **dict.fromkeys(keys, told)}
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, members=members)


@transaction.atomic
def members_forget(*, slug: str, names: Iterable[str], actor: str) -> Strategy:
    """Take settlements back: entries with these members are refused again.

    Raises StrategyNotFound, PolicyInvalid.
    """
    strategy = strategy_locked(slug)
    members = dict(strategy.policy.members)
    for name in names:
        if members.pop(key_of(name), None) is None:
            raise PolicyInvalid(f"{name} is not settled.", field="members")
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, members=members)


def settled_rows(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, what it is, and why, by name."""
    return [
        (name, f"means {one['as']}" if one["is"] == MEANS else one["is"], one["why"])
        for name, one in sorted(document.items())
    ]


def strategy_locked(slug: str) -> Strategy:
    """The strategy, so that two people's settlements come one after the other."""
    found = strategy_get(slug=slug)
    Strategy.objects.select_for_update(no_key=True).get(id=found.pk)
    return strategy_get(slug=slug)
