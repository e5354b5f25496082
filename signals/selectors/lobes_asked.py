"""What the lobes that call out did in the last day: for the command that shows them."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from fusion_project.events.clock import now
from fusion_project.text.formats import counted, plain_number
from signals.lobes.answers import asked_as
from signals.lobes.base import CallingLobe
from signals.models import Label, LobeSpend, Opinion

_DAY: Final = timedelta(days=1)
_REASONS_MAX: Final = 4


def status_lines(lobes: Sequence[CallingLobe]) -> Iterator[str]:
    """Yield a few lines for each lobe."""
    moment = now()
    for lobe in lobes:
        why = lobe.asleep_because()
        yield f"{lobe.name}  {lobe.version}  {f'asleep: {why}' if why else 'is asked'}"
        yield from (f"  {line}" for line in _lines(lobe, moment))


def spent_today(lobe: str, moment: datetime) -> Decimal:
    """Return the dollars of this day of UTC, those of calls under way at their most."""
    row = LobeSpend.objects.filter(lobe=lobe, day=moment.date()).first()
    return row.usd if row else Decimal(0)


def late_loss(lobe: CallingLobe) -> tuple[int, float] | None:
    """Return how many late answers have an outcome, and their mean log loss in nats."""
    late = _of(lobe).filter(status="late", p__isnull=False)
    chances = {(one.alert_id, one.leg_no): float(one.p or 0) for one in late}
    labels = Label.objects.filter(
        won__isnull=False, decision__alert__in={alert_id for alert_id, _ in chances}
    ).select_related("decision")
    losses = [
        -math.log(p if label.won else 1 - p)
        for label in labels
        if (p := chances.get((label.decision.alert_id, label.decision.leg_no))) is not None
    ]
    return (len(losses), statistics.fmean(losses)) if losses else None


def _lines(lobe: CallingLobe, moment: datetime) -> Iterator[str]:
    cap = plain_number(lobe.daily_usd_max)
    yield f"spent today: {plain_number(spent_today(lobe.name, moment))} of {cap} USD"
    rows = list(_of(lobe).filter(created_at__gt=moment - _DAY))
    if not rows:
        yield "no answer in the last day"
        return
    counts = Counter((row.status, row.reason) for row in rows).most_common(_REASONS_MAX)
    told = ", ".join(f"{status} ({reason}) {count}" for (status, reason), count in counts)
    yield f"{counted(len(rows), 'answer')} in the last day: {told}"
    middle = statistics.median(row.latency_ms for row in rows)
    yield f"they took {middle / 1000:.1f} s in the middle"
    if (late := late_loss(lobe)) is not None:
        yield f"late ones with an outcome: {late[0]}, log loss {late[1]:.3f} (0.693 is a coin's)"


def _of(lobe: CallingLobe) -> QuerySet[Opinion]:
    return Opinion.objects.filter(lobe=lobe.name, lobe_version__startswith=asked_as(lobe.version))
