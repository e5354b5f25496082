"""The watch for alerts that never arrived: each finding opens an incident, and closes it by rule.

Everything is worked out from stored alerts under one lock per strategy, so the handlings may come
in any order and more than once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.life import watched_since
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of, subject_parse
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle
from signals.dialects.base import PositionTold
from signals.errors import PolicyInvalid
from signals.intents.symbols import instrument_of
from signals.models import Alert, Decision, Expectation, Strategy, ToldPosition
from signals.selectors.watching import (
    deliveries_between,
    expectation_list_due,
    fire_times,
    link_list,
    position_told,
    rate_list_high,
    trade_times,
)
from signals.watch import words
from signals.watch.cadence import canary_due, next_alert_due
from signals.watch.positions import Gap, continuity
from signals.watch.rate import WINDOW, FireRate, fire_rate

# TradingView stops an alert that fires more often than every twelve seconds.
CANARY_SECONDS_MIN: Final = 30
CANARY_SECONDS_MAX: Final = 604_800
TOLD_DAYS: Final = timedelta(days=90)


@transaction.atomic
def alert_watch(*, alert_id: int) -> None:
    """Judge one accepted alert: does it continue its chain, and what is due after it?"""
    alert = Alert.objects.select_related("strategy__policy").get(id=alert_id)
    _strategy_lock(alert.strategy_id)
    instruments = set(
        Decision.objects.filter(alert=alert)
        .exclude(instrument="")
        .values_list("instrument", flat=True)
    )
    told = position_told(alert)
    if told is not None:
        instruments.add(_told_note(alert, told))
    for instrument in sorted(instruments):
        _chain_check(alert.strategy, instrument)
        if alert.kind == "trade":
            _trade_seen(alert.strategy, instrument)
    if alert.kind == "test":
        _canary_seen(alert)


@transaction.atomic
def canary_declare(*, strategy_id: int, every_seconds: int | None, actor: str) -> Expectation:
    """Say how often the strategy's `test` alert comes; None: no longer. Raises PolicyInvalid."""
    if every_seconds is not None and not CANARY_SECONDS_MIN <= every_seconds <= CANARY_SECONDS_MAX:
        raise PolicyInvalid(
            f"A canary comes every {CANARY_SECONDS_MIN} to {CANARY_SECONDS_MAX} seconds.",
            field="every_seconds",
        )
    _strategy_lock(strategy_id)
    row, _ = Expectation.objects.get_or_create(strategy_id=strategy_id, kind="test", instrument="")
    row.declared_seconds = every_seconds
    row.due_by = None if every_seconds is None else canary_due(now(), every_seconds)
    row.save(update_fields=["declared_seconds", "due_by"])
    if every_seconds is None:
        _settle(
            kinds.CANARY_MISSING,
            subject_of(Strategy, strategy_id),
            "No canary is declared any longer.",
        )
    record(
        names.POLICY_CHANGED,
        subject=subject_of(Strategy, strategy_id),
        trace_id="",
        actor=actor,
        detail={"changes": {"canary_seconds": every_seconds}},
    )
    return row


def absence_watch() -> int:
    """Open an incident for each alert that is overdue; return how many. One per absence."""
    return sum(_absence_open(row) for row in expectation_list_due())


def rate_watch() -> int:
    """Warn of alerts that fire so often that TradingView stops them; settle what calmed down.

    Returns how many warnings are open afterwards.
    """
    slugs = dict(Strategy.objects.values_list("id", "slug"))
    is_open = {
        one.subject: one for one in Incident.objects.filter(kind=kinds.ALERT_RATE, closed_at=None)
    }
    high = {subject_of(Strategy, strategy, symbol) for strategy, symbol in rate_list_high()}
    still_open = 0
    for subject in sorted(high | is_open.keys()):
        about = subject_parse(subject)
        warning = is_open.get(subject)
        rate = _rate_since(subject, warning)
        if warning and rate.is_calm:
            note = f"{rate.count} fires in the last 3 minutes, and the alert is alive."
            _settle(kinds.ALERT_RATE, subject, note)
            continue
        if not warning and not rate.is_high:
            continue
        still_open += 1
        note = words.rate_note(slugs[about.id], about.part, rate)
        if not warning or warning.note != note:
            incident_open(kind=kinds.ALERT_RATE, subject=subject, note=note)
    return still_open


def told_position_prune() -> int:
    """Forget told positions after `TOLD_DAYS`: what comes then starts a new chain."""
    gone, _ = ToldPosition.objects.filter(received_at__lt=now() - TOLD_DAYS).delete()
    return gone


def _told_note(alert: Alert, told: PositionTold) -> str:
    """Keep what the alert told, once; return its instrument."""
    instrument = instrument_of(told.symbol_raw)
    ToldPosition.objects.get_or_create(
        alert=alert,
        defaults={
            "strategy_id": alert.strategy_id,
            "instrument": instrument,
            "received_at": alert.received_at,
            "before": ",".join(sorted(told.before)),
            "before_size": told.before_size,
            "after": ",".join(sorted(told.after)),
            "after_size": told.after_size,
        },
    )
    return instrument


def _chain_check(strategy: Strategy, instrument: str) -> None:
    """Report each break of the chain once; close the report when the newest alerts fit again."""
    subject = subject_of(Strategy, strategy.id, instrument)
    was_open = Incident.objects.filter(
        kind=kinds.ALERT_LOST, subject=subject, closed_at=None
    ).exists()
    found = continuity(link_list(strategy.id, instrument))
    new = [gap for gap in found.gaps if _gap_mark(gap)]
    if new and was_open:
        # An older break that came to light late must not hide the newest one's words.
        new.append(found.gaps[-1])
    if strategy.is_active and not strategy.is_drill:
        for gap in new:
            _lost_open(strategy, instrument, gap)
    if found.holds:
        _settle(kinds.ALERT_LOST, subject, words.healed_note(found.newest))


def _gap_mark(gap: Gap) -> bool:
    """Mark a break as reported; return whether it had not been."""
    rows = ToldPosition.objects.filter(alert_id=gap.later.alert_id).exclude(
        gap_after=gap.earlier.alert_id
    )
    return rows.update(gap_after=gap.earlier.alert_id) == 1


def _lost_open(strategy: Strategy, instrument: str, gap: Gap) -> None:
    between = deliveries_between(strategy.id, gap.earlier.received_at, gap.later.received_at)
    incident_open(
        kind=kinds.ALERT_LOST,
        subject=subject_of(Strategy, strategy.id, instrument),
        note=words.lost_note(strategy.slug, instrument, gap, between),
        trace_id=Alert.objects.values_list("trace_id", flat=True).get(id=gap.later.alert_id),
    )


def _trade_seen(strategy: Strategy, instrument: str) -> None:
    """Work out when the symbol's next alert is due, unless a later alert has done so."""
    seen = trade_times(strategy.id, instrument)
    if not seen:
        return
    row, _ = Expectation.objects.get_or_create(
        strategy=strategy, kind="trade", instrument=instrument
    )
    last_alert_id, last_at = seen[0]
    if last_alert_id <= row.last_alert_id:
        return
    row.last_alert_id, row.last_at = last_alert_id, last_at
    row.due_by = next_alert_due([at for _, at in seen])
    row.save(update_fields=["last_alert_id", "last_at", "due_by"])
    subject = subject_of(Strategy, strategy.id, instrument)
    _settle(kinds.ALERT_SILENT, subject, f"Alert {last_alert_id} came.")


def _canary_seen(alert: Alert) -> None:
    row, _ = Expectation.objects.get_or_create(
        strategy_id=alert.strategy_id, kind="test", instrument=""
    )
    if alert.id <= row.last_alert_id:
        return
    row.last_alert_id, row.last_at = alert.id, alert.received_at
    if row.declared_seconds is not None:
        row.due_by = canary_due(alert.received_at, row.declared_seconds)
    row.save(update_fields=["last_alert_id", "last_at", "due_by"])
    _settle(
        kinds.CANARY_MISSING,
        subject_of(Strategy, alert.strategy_id),
        f"Test alert {alert.id} came.",
    )


@transaction.atomic
def _absence_open(row: Expectation) -> int:
    """Report one absence and expect nothing more until the next alert; 0 where another one did."""
    _strategy_lock(row.strategy_id)
    due = Expectation.objects.filter(id=row.id, due_by=row.due_by)
    due_by = _due_since_we_hear(row)
    if due_by is not None and due_by > now():
        due.update(due_by=due_by)
        return 0
    if _is_unwatched(row) or due.update(due_by=None) != 1:
        return 0
    slug = row.strategy.slug
    if row.kind == "test":
        kind, note = (
            kinds.CANARY_MISSING,
            words.canary_note(slug, row.last_at, row.declared_seconds or 0),
        )
    else:
        assert row.last_at is not None
        kind, note = kinds.ALERT_SILENT, words.silent_note(slug, row.instrument, row.last_at)
    subject = subject_of(Strategy, row.strategy_id, row.instrument)
    incident_open(kind=kind, subject=subject, note=note)
    return 1


def _due_since_we_hear(row: Expectation) -> datetime | None:
    """When it is due if we were away since its last alert: the wait begins where we came back.

    None where we were there all the time.
    """
    heard_since = watched_since()
    if heard_since is None or (row.last_at is not None and heard_since <= row.last_at):
        return None
    if row.kind == "test":
        return canary_due(heard_since, row.declared_seconds or 0)
    seen = trade_times(row.strategy_id, row.instrument)
    return next_alert_due([at for _, at in seen], heard_since)


def _is_unwatched(row: Expectation) -> bool:
    """A newer alert is stored and only its handling has not come yet: nothing is missing."""
    newer = Alert.objects.filter(strategy_id=row.strategy_id, kind=row.kind)
    if row.kind == "trade":
        newer = newer.filter(decisions__instrument=row.instrument)
    return newer.filter(id__gt=row.last_alert_id).exists()


def _rate_since(subject: str, warning: Incident | None) -> FireRate:
    """Return the rate as far as it matters: from the open warning on, or since a person closed."""
    moment = now()
    since = (warning.opened_at if warning else moment) - WINDOW
    closed = Incident.objects.filter(kind=kinds.ALERT_RATE, subject=subject, closed_at__gt=since)
    by_person = closed.exclude(closed_by="system")
    ends = by_person.values_list("closed_at", flat=True)
    since = max([since, *(end for end in ends if end is not None)])
    about = subject_parse(subject)
    return fire_rate(fire_times(about.id, about.part, since), moment)


def _settle(kind: str, subject: str, note: str) -> None:
    incident_settle(kind=kind, subject=subject, note=note)


def _strategy_lock(strategy_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"signals.watch:{strategy_id}"],
        )
