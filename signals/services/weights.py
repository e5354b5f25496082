"""How much each lobe version counts: every change is another version of its weight."""

from __future__ import annotations

from decimal import Decimal

from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.errors import WeightInvalid
from signals.models import LobeWeight


@transaction.atomic
def lobe_weight_set(*, lobe: str, lobe_version: str, weight: Decimal, actor: str) -> LobeWeight:
    """Append a weight from 0 to 1; decisions from now on go by it. Raises WeightInvalid."""
    if not 0 <= weight <= 1:
        raise WeightInvalid("A weight lies between 0 and 1.", weight=str(weight))
    _turn_take(lobe, lobe_version)
    newest = LobeWeight.objects.filter(lobe=lobe, lobe_version=lobe_version).first()
    row = LobeWeight.objects.create(
        lobe=lobe,
        lobe_version=lobe_version,
        version=1 if newest is None else newest.version + 1,
        weight=weight,
        valid_from=now(),
        actor=actor,
    )
    record(
        names.POLICY_CHANGED,
        subject=subject_of(LobeWeight, row.id),
        trace_id="",
        actor=actor,
        detail={"lobe": lobe, "lobe_version": lobe_version, "weight": weight},
    )
    return row


def _turn_take(lobe: str, lobe_version: str) -> None:
    """Changes of one weight wait for each other, the first one too, which finds no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"signals.weight:{lobe}:{lobe_version}"],
        )
