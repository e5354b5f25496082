"""Issuing and rotating webhook secrets from a page, bound to the list that the person saw."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from signals.errors import SecretListChanged, StrategyNotFound
from signals.models import Strategy, StrategySecret
from signals.services.strategies import (
    IssuedSecret,
    strategy_secret_issue,
    strategy_secret_revoke,
)

LABEL_LENGTH_MAX: Final = 60


@transaction.atomic
def secret_issue_once(
    *, strategy_id: int, newest_id: int, actor: str, label: str = ""
) -> IssuedSecret:
    """Issue a secret if the newest one is still `newest_id`, so that a form counts only once.

    Raises StrategyNotFound, SecretListChanged.
    """
    _list_hold(strategy_id, newest_id)
    return strategy_secret_issue(
        strategy_id=strategy_id, actor=actor, label=label[:LABEL_LENGTH_MAX]
    )


@transaction.atomic
def secret_rotate(
    *,
    strategy_id: int,
    secret_id: int,
    newest_id: int,
    overlap_seconds: int,
    actor: str,
    label: str = "",
) -> IssuedSecret:
    """Issue a successor and end `secret_id` after the overlap; an earlier end stays.

    Both open the webhook meanwhile. Raises StrategyNotFound, SecretListChanged, SecretNotFound.
    """
    _list_hold(strategy_id, newest_id)
    strategy_secret_revoke(
        strategy_id=strategy_id, secret_id=secret_id, actor=actor, after_seconds=overlap_seconds
    )
    return strategy_secret_issue(
        strategy_id=strategy_id, actor=actor, label=label[:LABEL_LENGTH_MAX]
    )


def _list_hold(strategy_id: int, newest_id: int) -> None:
    """Keep others from issuing meanwhile; alerts that arrive do not wait for this lock."""
    rows = Strategy.objects.select_for_update(no_key=True).filter(id=strategy_id)
    if rows.first() is None:
        raise StrategyNotFound(strategy_id=strategy_id)
    newest = StrategySecret.objects.filter(strategy_id=strategy_id).order_by("-id").first()
    if (newest.id if newest else 0) != newest_id:
        raise SecretListChanged(strategy_id=strategy_id)
