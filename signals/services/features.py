"""Later apps push what they measured; fusion reads only what was recorded before an alert."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from fusion_project.events.clock import now
from signals.errors import FeatureConflict
from signals.models import Feature


@transaction.atomic
def feature_record(
    *,
    key: str,
    name: str,
    strategy_id: int | None,
    instrument: str,
    at: datetime,
    value: Decimal,
    trace_id: str,
) -> Feature:
    """Store one measured number once. `key` names the fact: the same key again is no new row.

    The key of a fact that may be restated ends in `:<revision>`; readers take the latest one.

    Raises `FeatureConflict` where the key is known with another meaning.
    """
    facts = {
        "name": name,
        "strategy_id": strategy_id,
        "instrument": instrument,
        "at": at,
        "value": value,
        "trace_id": trace_id,
    }
    feature, created = Feature.objects.get_or_create(
        key=key, defaults={**facts, "recorded_at": now()}
    )
    if not created and any(getattr(feature, name) != fact for name, fact in facts.items()):
        raise FeatureConflict(key=key)
    return feature
