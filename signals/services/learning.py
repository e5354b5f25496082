"""Learning: a label moves the state of the family that its decision was made in, once, in turn."""

from __future__ import annotations

import hashlib
import json

from django.db import connection, transaction

from fusion_project.events.clock import now
from signals.fusion.learned import state_after
from signals.fusion.scoring.scores import scores_after
from signals.models import FusionScore, FusionState, Label


@transaction.atomic
def label_learn(*, label: Label) -> FusionState | None:
    """Append the state after this label, and the scores; None where nothing was told that it
    could be held against.

    The chances are those that stood when the decision was made; they are in its record.
    """
    record = json.loads(label.decision.inputs) if label.decision.inputs else {}
    told = record.get("outcome", {}).get("told")
    if label.won is None or told is None:
        return None
    learning = record["context"]["learning"]
    family, horizon_seconds = learning["family"], learning["horizon_seconds"]
    _turn_take(family, horizon_seconds)
    former = (
        FusionState.objects.filter(family=family, horizon_seconds=horizon_seconds)
        .order_by("-version")
        .first()
    )
    former_value = former.value if former else None
    value = state_after(former_value, record, won=label.won)
    former_sha256 = former.sha256 if former else ""
    moment = now()
    state = FusionState.objects.create(
        family=family,
        horizon_seconds=horizon_seconds,
        version=former.version + 1 if former else 1,
        value=value,
        sha256=hashlib.sha256((former_sha256 + value).encode()).hexdigest(),
        former_sha256=former_sha256,
        label=label,
        known_at=moment,
        created_at=moment,
    )
    scored = FusionScore.objects.filter(state=former).first() if former else None
    FusionScore.objects.create(
        state=state,
        value=scores_after(scored.value if scored else None, former_value, record, won=label.won),
        created_at=moment,
    )
    return state


def _turn_take(family: str, horizon_seconds: int) -> None:
    """Labels of one family follow each other, the first one too, which finds no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"signals.learning:{family}:{horizon_seconds}"],
        )
