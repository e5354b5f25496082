"""Formats that a strategy's people teach: kept in its policy, tried by their own examples."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from signals.errors import PolicyInvalid
from signals.models import Strategy
from signals.services.settling import strategy_locked
from signals.services.strategies import strategy_policy_change


@transaction.atomic
def format_teach(*, slug: str, document: Any, actor: str) -> Strategy:
    """Keep a format by a new version of the policy; one of the same name is followed by it.

    What its former examples asked for they must ask for still. Raises StrategyNotFound,
    PolicyInvalid.
    """
    strategy = strategy_locked(slug)
    name = document.get("name") if isinstance(document, dict) else None
    former = next((one for one in strategy.policy.formats if one["name"] == name), None)
    if former is not None:
        _check_kept(former["examples"], document.get("examples"))
    others = [one for one in strategy.policy.formats if one["name"] != name]
    formats = [*others, document]
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, formats=formats)


@transaction.atomic
def format_forget(*, slug: str, name: str, actor: str) -> Strategy:
    """Leave a format: its messages are read by the dialects again.

    Raises StrategyNotFound, PolicyInvalid.
    """
    strategy = strategy_locked(slug)
    formats = [one for one in strategy.policy.formats if one["name"] != name]
    if len(formats) == len(strategy.policy.formats):
        raise PolicyInvalid(f"There is no format {name!r}.", field="formats")
    return strategy_policy_change(strategy_id=strategy.pk, actor=actor, formats=formats)


def _check_kept(former: list[dict[str, str]], examples: Any) -> None:
    given = examples if isinstance(examples, list) else []
    gone = next((one for one in former if one not in given), None)
    if gone is not None:
        words = f"The example {gone['body'][:60]!r} must stay and ask for {gone['asks']}."
        raise PolicyInvalid(words, field="formats")
