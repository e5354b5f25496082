"""Later apps push what each strategy can trade; the webhook's answer and the linter say it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields

from django.db import transaction

from fusion_project.events.clock import now
from signals.intake.outlook import Outlook
from signals.models import Tradable

Compute = Callable[[Collection[int]], Mapping[int, Outlook]]


@transaction.atomic
def tradable_push(*, strategy_ids: Collection[int], compute: Compute) -> int:
    """Store what `compute` says of these strategies; return how many rows changed.

    It is asked under the rows' locks, so the last one to look is the last one to write.
    """
    wanted, moment = sorted(set(strategy_ids)), now()
    Tradable.objects.bulk_create(
        [Tradable(strategy_id=one, updated_at=moment, otherwise="unknown") for one in wanted],
        ignore_conflicts=True,
    )
    rows = Tradable.objects.select_for_update().filter(strategy__in=wanted).order_by("strategy")
    locked = list(rows)
    found = compute(wanted)
    return sum(_store(row, found[row.strategy_id]) for row in locked)


def _store(row: Tradable, outlook: Outlook) -> bool:
    told = {one.name: getattr(outlook, one.name) for one in fields(Outlook)}
    if all(getattr(row, name) == value for name, value in told.items()):
        return False
    for name, value in told.items():
        setattr(row, name, value)
    row.updated_at = now()
    row.save()
    return True
