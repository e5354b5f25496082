"""Asks every lobe about one leg; a lobe that fails is an answer too, never an exception."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from django.db import InterfaceError, OperationalError

from signals.lobes.base import Answer, Lobe, Question
from signals.lobes.base_rate import BaseRate
from signals.lobes.track_record import TrackRecord

logger = logging.getLogger("fusion.lobes")

LOBES: Final[tuple[Lobe, ...]] = (BaseRate(), TrackRecord())


def ask_all(question: Question, lobes: Sequence[Lobe] = LOBES) -> list[Answer]:
    """Return one answer for each lobe, in their fixed order."""
    return [_ask(lobe, question) for lobe in lobes]


def _ask(lobe: Lobe, question: Question) -> Answer:
    started = time.monotonic()
    try:
        answer = lobe.answer(question)
        if answer.status == "awake" and not (answer.p is not None and 0 < answer.p < 1):
            raise ValueError("an awake lobe must answer with a chance between 0 and 1")
    except (OperationalError, InterfaceError):
        raise  # the database is away: the whole handling comes again
    except Exception as error:
        logger.warning("lobe failed", extra={"lobe": lobe.name, "error": type(error).__name__})
        answer = Answer(
            lobe=lobe.name,
            version=lobe.version,
            status="failed",
            reason=type(error).__name__[:120],
            evidence=Decimal(0),
        )
    return replace(answer, latency_ms=int((time.monotonic() - started) * 1000))
