"""How switches stand: which of them stop an entry, and the newest version of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection

from execution.models import Switch
from execution.risk.stops import STOP_REASON
from execution.rules.switches import (
    ACCOUNT,
    ACTIVE,
    ALL,
    EVERYTHING,
    HALTED,
    Spot,
    Target,
    account_target,
    strictest,
    targets_of,
)

_STOPPING = """
    SELECT t.scope, t.key, execution_switch_state(t.scope, t.key)
      FROM unnest(%s::text[], %s::text[]) AS t(scope, key)
     WHERE execution_switch_state(t.scope, t.key) <> 'active'
"""


class Stops:
    """The switches that stand in the way of entries at these spots, read by one query."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        asked = sorted({target for spot in spots for target in targets_of(spot)})
        self._states = switch_states(asked)

    def reason(self, spot: Spot) -> str:
        """Why the widest switch that stops it refuses an entry there, or ''."""
        stopping = (one for one in targets_of(spot) if one in self._states)
        return next((STOP_REASON[one.scope] for one in stopping), "")

    def is_halted(self, spot: Spot) -> bool:
        """Whether entries that rest at the broker there are to be cancelled."""
        return any(self._states.get(one) == HALTED for one in targets_of(spot))


def switch_states(targets: Iterable[Target]) -> dict[Target, str]:
    """Return the states of those of the targets that are not active."""
    asked = list(targets)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STOPPING, [[one.scope for one in asked], [one.key for one in asked]])
        return {Target(scope, key): state for scope, key, state in cursor.fetchall()}


def account_state(account_id: int) -> str:
    """Return how an account stands by its own switch and the one for all."""
    return strictest(switch_states([EVERYTHING, account_target(account_id)]).values())


def accounts_stopped(*, account_ids: Collection[int], recorded_until: datetime) -> int:
    """How many of the accounts took no entries then, by their own switch or that for all."""
    rows = Switch.objects.filter(scope__in=[ALL, ACCOUNT], at__lte=recorded_until)
    newest = rows.order_by("scope", "key", "-version").distinct("scope", "key")
    stopped = {Target(one.scope, one.key) for one in newest if one.state != ACTIVE}
    if EVERYTHING in stopped:
        return len(account_ids)
    return sum(account_target(one) in stopped for one in account_ids)


def switch_newest(target: Target) -> Switch | None:
    """Return the newest version; None where the switch was never turned."""
    rows = Switch.objects.filter(scope=target.scope, key=target.key)
    return rows.order_by("-version").first()


def switch_state(target: Target) -> str:
    """Return the state of one switch."""
    newest = switch_newest(target)
    return newest.state if newest else ACTIVE


def switch_list() -> list[Switch]:
    """Return the newest version of every switch that was ever turned."""
    rows = Switch.objects.order_by("scope", "key", "-version")
    return list(rows.distinct("scope", "key"))
