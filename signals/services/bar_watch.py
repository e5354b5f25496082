"""The watch over feeds of bars: a hole or a stop opens an incident, and closes it by rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.formats import counted
from signals.market.holes import WEEK, hole_list, is_stale
from signals.models import BarSeries, Strategy
from signals.selectors.bars import opens_between, opens_last

# Holes are looked for among so many of the newest bars; an older one is past mending.
LOOK_BACK_BARS: Final = 300


def bars_watch() -> int:
    """Judge every feed that goes on, and return how many incidents about bars are open then.

    History from files goes on nowhere; a strategy that is switched off sends no bars.
    """
    off = {f"alert:{slug}" for slug in _silent_slugs()}
    for series in BarSeries.objects.exclude(feed__startswith="csv:").exclude(feed__in=off):
        _series_watch(series, now())
    return Incident.objects.filter(
        kind__in=(kinds.BARS_MISSING, kinds.BARS_STALE), closed_at=None
    ).count()


def _silent_slugs() -> list[str]:
    return list(Strategy.objects.filter(is_active=False).values_list("slug", flat=True))


def _series_watch(series: BarSeries, moment: datetime) -> None:
    step = timedelta(seconds=series.timeframe_seconds)
    opens = opens_last(series, LOOK_BACK_BARS)
    if not opens:
        return
    is_young = opens[-1] - series.first_open_at < WEEK
    before = opens_between(series, opens[0] - WEEK, moment - WEEK)
    holes = hole_list(opens, step, before, is_young=is_young)
    if holes:
        first, owed = holes[-1]
        told = f"{counted(owed, 'bar')} missing from {first:%Y-%m-%d %H:%M:%S} UTC on"
        _say(kinds.BARS_MISSING, series, f"{series}: {told}.")
    else:
        note = f"No hole among the last {counted(len(opens), 'bar')}."
        incident_settle(kind=kinds.BARS_MISSING, subject=_subject(series), note=note)
    if is_stale(opens[-1], moment, step, before, is_young=is_young):
        _say(
            kinds.BARS_STALE,
            series,
            f"{series}: the newest bar opened at {opens[-1]:%Y-%m-%d %H:%M:%S} UTC.",
        )
    else:
        incident_settle(kind=kinds.BARS_STALE, subject=_subject(series), note="Bars come again.")


def _say(kind: str, series: BarSeries, note: str) -> None:
    """Open it, or say the newest of it; saying the same again would count one sighting more."""
    subject = _subject(series)
    is_told = Incident.objects.filter(kind=kind, subject=subject, closed_at=None, note=note)
    if not is_told.exists():
        incident_open(kind=kind, subject=subject, note=note)


def _subject(series: BarSeries) -> str:
    return subject_of(BarSeries, series.id)
