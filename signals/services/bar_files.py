"""Imports bars from a CSV export: the whole file, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from django.db import transaction

from fusion_project.events.clock import now
from signals.errors import BarsRefused
from signals.market.bars import BarFacts, BarFault, bars_check
from signals.market.csv_bars import CsvFault, csv_bars
from signals.services.bars import BARS_MAX, bars_record

SIZE_MAX = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BarsImported:
    """What a file held, and what of it is new. `pauses`: stretches without bars."""

    read: int
    added: int
    revised: int
    known: int
    pauses: int
    first_at: datetime | None
    last_at: datetime | None


@transaction.atomic
def bars_import(
    *,
    path: Path,
    feed: str,
    symbol: str,
    timeframe_seconds: int,
    progress: Callable[[int, int], None],
) -> BarsImported:
    """Append every bar of the file. `progress(done, total)` is told after each part.

    Raises BarsRefused, whose message and detail name the line; then nothing was imported.
    """
    bars = _read(path, timeframe_seconds)
    added = revised = known = 0
    for start in range(0, len(bars), BARS_MAX):
        part = bars[start : start + BARS_MAX]
        done = bars_record(feed=feed, symbol=symbol, timeframe_seconds=timeframe_seconds, bars=part)
        added, revised, known = added + done.added, revised + done.revised, known + done.known
        progress(start + len(part), len(bars))
    opens = [bar.open_at for bar in bars]
    longer = timedelta(seconds=1.5 * timeframe_seconds)
    pauses = sum(following - former > longer for former, following in pairwise(opens))
    ends = (opens[0], opens[-1]) if opens else (None, None)
    return BarsImported(len(bars), added, revised, known, pauses, *ends)


def _read(path: Path, timeframe_seconds: int) -> list[BarFacts]:
    try:
        if path.stat().st_size > SIZE_MAX:
            raise BarsRefused(f"{path.name} is larger than {SIZE_MAX // 1024**2} MiB.", line=0)
        with path.open(encoding="utf-8-sig", newline="") as file:
            numbered = list(csv_bars(file))
    except CsvFault as error:
        raise _refused(path, error.line, error.reason) from error
    except UnicodeDecodeError as error:
        raise _refused(path, 1, "it is not UTF-8 text") from error
    except OSError as error:
        raise BarsRefused(f"{path}: {error.strerror}.", line=0) from error
    bars = [bar for _, bar in numbered]
    try:
        bars_check(bars, timeframe_seconds, now())
    except BarFault as error:
        line = numbered[error.index][0] if numbered else 1
        raise _refused(path, line, error.reason) from error
    return bars


def _refused(path: Path, line: int, reason: str) -> BarsRefused:
    return BarsRefused(f"{path.name}, line {line}: {reason}. Nothing was imported.", line=line)
