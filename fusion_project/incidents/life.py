"""Silent parts of the machine, and a seal that lags, become incidents; living ones end them."""

import datetime as dt

from django.conf import settings

from fusion_project.events import life
from fusion_project.events.models import SealBatch
from fusion_project.events.sealing import seal_waits_since, sealed_logs
from fusion_project.events.subjects import subject_prefix
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle

# The seal comes every five seconds; what waits longer than this can be edited unseen.
SEAL_LAG_SECONDS_MAX = 60


def drain_watch() -> None:
    """Open an incident where no drain has been at work for too long; close it when one is."""
    looked_since = life.watch_look()
    seen_at = life.drain_seen_at()
    subject = life.sign_subject(life.DRAIN)
    if silent := silent_seconds(seen_at or looked_since, looked_since):
        note = f"no drain at work for {silent} s; start manage.py drain"
        incident_open(kind=kinds.DRAIN_SILENT, subject=subject, note=note)
    elif seen_at and life.seconds_since(seen_at) <= life.SILENCE_SECONDS_MAX:
        note = "A drain is at work again."
        incident_settle(kind=kinds.DRAIN_SILENT, subject=subject, note=note)


def worker_watch() -> None:
    """Open an incident where no worker answers; close it when one does. Asks for the next answer.

    Without Redis nobody is asked: there is no worker then.
    """
    looked_since = life.watch_look()
    subject = life.sign_subject(life.WORKER)
    if not settings.REDIS_URL:
        note = "Redis is off: drain alone does the work."
        incident_settle(kind=kinds.WORKER_SILENT, subject=subject, note=note)
        return
    awaited_since = life.worker_awaited_since()
    if awaited_since is None:
        note = "A worker answers again."
        incident_settle(kind=kinds.WORKER_SILENT, subject=subject, note=note)
    elif silent := silent_seconds(awaited_since, looked_since):
        note = f"no worker has answered for {silent} s; see whether one runs and reaches Redis"
        incident_open(kind=kinds.WORKER_SILENT, subject=subject, note=note)
    life.worker_ask()


def seal_watch() -> None:
    """Open an incident for each log whose seal lags; close it when it does so no longer."""
    looked_since = life.watch_look()
    for log in sealed_logs():
        subject = f"{subject_prefix(SealBatch)}{log.name}"
        since = seal_waits_since(log)
        if since and (lag := silent_seconds(since, looked_since, more_than=SEAL_LAG_SECONDS_MAX)):
            note = f"the oldest fact of {log.name} that is not sealed has waited {lag} s"
            incident_open(kind=kinds.SEAL_LAGS, subject=subject, note=note)
        else:
            note = "Everything older than a minute is sealed."
            incident_settle(kind=kinds.SEAL_LAGS, subject=subject, note=note)


def silent_seconds(
    since: dt.datetime, looked_since: dt.datetime, *, more_than: int = life.SILENCE_SECONDS_MAX
) -> int:
    """Return for how long somebody has been silent while we listened, where that is too long."""
    seconds = life.seconds_since(max(since, looked_since))
    return seconds if seconds > more_than else 0
