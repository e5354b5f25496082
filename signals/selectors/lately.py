"""Of a family's newest labels: how sets of outcomes covered, and how each lobe answered."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from signals.fusion.mixing.abstention import (
    conformal_learned,
    conformal_start,
    coverage_bound,
    outcome_set,
)
from signals.fusion.mixing.binary import log_loss
from signals.fusion.numbers import clipped
from signals.models import FusionState, Opinion

LABELS_MAX: Final = 500
MISS_AIM: Final = 0.1
_EPS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often sets that may miss one in ten held what happened; `off_max`: the most by which
    that can differ from nine in ten, for any outcomes."""

    labels: int
    aim: Decimal
    covered: Decimal
    off_max: Decimal


@dataclass(frozen=True, slots=True)
class LobeLately:
    """One lobe's answers: how many of each status, how long they took, what those that came late
    would have lost a label, and what all of them cost."""

    answers: int
    awake: int
    failed: int
    late: int
    median_ms: int
    slow_ms: int
    late_nats: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Lately:
    """Both, of at most so many labels."""

    labels: int
    coverage: Coverage | None
    lobes: dict[tuple[str, str], LobeLately]


@dataclass(slots=True)
class _Told:
    statuses: list[str] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)
    late_nats: list[float] = field(default_factory=list)
    usd: Decimal = Decimal(0)


def lately_read(family: str, horizon_seconds: int, *, recorded_until: datetime) -> Lately:
    """Return what the newest labels of a family say."""
    rows = (
        FusionState.objects.filter(
            family=family, horizon_seconds=horizon_seconds, created_at__lte=recorded_until
        )
        .order_by("-version")
        .values_list(
            "label__won",
            "label__decision__p_final",
            "label__decision__alert",
            "label__decision__leg_no",
        )[:LABELS_MAX]
    )
    newest = list(reversed(rows))
    pairs = [(float(p), bool(won)) for won, p, _, _ in newest if p is not None]
    won = {(alert, leg_no): bool(it_won) for it_won, _, alert, leg_no in newest}
    return Lately(len(newest), _coverage(pairs), _lobes(won, recorded_until))


def _coverage(pairs: Sequence[tuple[float, bool]]) -> Coverage | None:
    if not pairs:
        return None
    state, held = conformal_start(MISS_AIM), 0
    for told, won in pairs:
        p = clipped(told, _EPS)
        held += outcome_set(state, p)[won]
        state = conformal_learned(state, p, won=won)
    count = len(pairs)
    off_max = min(1.0, coverage_bound(MISS_AIM, count))
    return Coverage(count, _number(1 - MISS_AIM), _number(held / count), _number(off_max))


def _lobes(
    won: dict[tuple[int, int], bool], recorded_until: datetime
) -> dict[tuple[str, str], LobeLately]:
    told: defaultdict[tuple[str, str], _Told] = defaultdict(_Told)
    rows = Opinion.objects.filter(
        alert__in={alert for alert, _ in won}, created_at__lte=recorded_until
    )
    for alert, leg_no, lobe, version, status, p, latency_ms, usd in rows.values_list(
        "alert", "leg_no", "lobe", "lobe_version", "status", "p", "latency_ms", "cost_usd"
    ):
        if (alert, leg_no) not in won:
            continue
        own = told[lobe, version]
        own.statuses.append(status)
        own.times_ms.append(latency_ms)
        own.usd += usd
        if status == "late" and p is not None:
            chance = clipped(float(p), _EPS)
            own.late_nats.append(log_loss(chance, won=won[alert, leg_no]))
    return {expert: _lately(own) for expert, own in told.items()}


def _lately(own: _Told) -> LobeLately:
    times = sorted(own.times_ms)
    late = own.late_nats
    return LobeLately(
        answers=len(times),
        awake=own.statuses.count("awake"),
        failed=own.statuses.count("failed"),
        late=own.statuses.count("late"),
        median_ms=times[(len(times) - 1) // 2],
        slow_ms=times[math.ceil(0.95 * len(times)) - 1],
        late_nats=_number(math.fsum(late) / len(late)) if late else None,
        usd=own.usd,
    )


def _number(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")
