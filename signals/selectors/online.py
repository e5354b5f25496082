"""The regression of a family's last labels as an alert may know it, kept between alerts.

A process folds all labels once and then goes on with those that came since. Whatever it kept, no
label counts that became known after the alert.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from signals.lobes.base import Neighbour, OnlineSeen
from signals.lobes.online import KNOWN_MIN, Fold, fold_start
from signals.models import Label

FAMILIES_MAX: Final = 64
Family = tuple[str, tuple[int, ...]]


@dataclass(slots=True)
class _Kept:
    """A fold with how many labels there were in all, and when the last of them became known."""

    fold: Fold
    total: int
    known_at: datetime | None = None


@dataclass(slots=True)
class _Folds:
    """One fold a family and database; who folds has the lock, since a fold is no thread's own."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    of_family: dict[Family, _Kept] = field(default_factory=dict)


_folds: Final = _Folds()


def online_known(strategy_ids: Sequence[int], *, known_until: datetime) -> OnlineSeen | None:
    """Return what the labels of these strategies that were known before a moment come to."""
    family = (str(connection.settings_dict["NAME"]), tuple(strategy_ids))
    known = _known(strategy_ids, known_until)
    with _folds.lock:
        kept = _folds.of_family.get(family)
        if kept is None or (kept.known_at is not None and kept.known_at >= known_until):
            anew = _anew(known)
            # What an earlier alert may know is not what the next one goes on from.
            if kept is None and anew is not None:
                _keep(family, anew)
            return None if anew is None else anew.fold.seen()
        if not _go_on(kept, known):
            kept = _anew(known)
            assert kept is not None
            _keep(family, kept)
        return kept.fold.seen()


def _known(strategy_ids: Sequence[int], known_until: datetime) -> QuerySet[Label]:
    return (
        Label.objects.filter(
            decision__strategy__in=strategy_ids,
            won__isnull=False,
            known_at__lt=known_until,
            created_at__lt=known_until,
        )
        .exclude(features=[])
        .order_by("id")
    )


def _anew(known: QuerySet[Label]) -> _Kept | None:
    total = known.count()
    if total < KNOWN_MIN:
        return None
    kept = _Kept(Fold(), total)
    kept.fold.learn(_told(kept, known[fold_start(total) :]))
    return kept


def _go_on(kept: _Kept, known: QuerySet[Label]) -> bool:
    """Learn what came since; False where the fold must begin at a later label by now."""
    since = list(known.filter(id__gt=kept.fold.last_label_id))
    if fold_start(kept.total + len(since)) != fold_start(kept.total):
        return False
    kept.total += len(since)
    kept.fold.learn(_told(kept, since))
    return True


def _told(kept: _Kept, labels: QuerySet[Label] | Sequence[Label]) -> Iterator[Neighbour]:
    for one in labels:
        known_at = max(one.known_at, one.created_at)
        kept.known_at = known_at if kept.known_at is None else max(known_at, kept.known_at)
        vector = tuple(Decimal(value) for value in one.features)
        yield Neighbour(label_id=one.id, vector=vector, won=bool(one.won))


def _keep(family: Family, kept: _Kept) -> None:
    if len(_folds.of_family) >= FAMILIES_MAX:
        _folds.of_family.clear()
    _folds.of_family[family] = kept
