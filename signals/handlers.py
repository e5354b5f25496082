"""What signals owes to its own facts: fuse entries, keep bars, and watch for lost alerts."""

from __future__ import annotations

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from signals.services.asking import Asked, alert_ask, call_out_await
from signals.services.bars import alert_bar_record
from signals.services.calling import LEASE_SECONDS, SOFT_SECONDS
from signals.services.fusing import decision_fuse
from signals.services.watching import alert_watch


def ask_lobes(event: Recorded) -> list[Asked]:
    """Ask the lobes of the database about each undecided entry leg, outside any transaction."""
    return alert_ask(alert_id=event.subject_id)


@handles(names.ALERT_RECEIVED, queue="signals", prepare=ask_lobes)
def fuse_alert(event: Recorded, asked: list[Asked]) -> None:
    """Fuse what the lobes said into the decision of each entry leg; keep the bar of a bar alert.

    Where lobes call out, the process that asks them decides.
    """
    if event.detail["kind"] == "bar":
        alert_bar_record(alert_id=event.subject_id)
    elif any(one.calls_out for one in asked):
        call_out_await(alert_id=event.subject_id)
    else:
        for one in asked:
            decision_fuse(decision_id=one.decision_id, opinions=one.opinions)


@handles(
    names.OPINIONS_AWAITED,
    queue="lobes",
    prepare=ask_lobes,
    lease_seconds=LEASE_SECONDS,
    left_seconds=SOFT_SECONDS,
)
def fuse_asked(event: Recorded, asked: list[Asked]) -> None:
    """Fuse without the lobes that call out: nobody was there to ask them in time."""
    for one in asked:
        decision_fuse(decision_id=one.decision_id, opinions=one.opinions, is_away=True)


@handles(names.ALERT_RECEIVED, queue="signals")
def watch_alert(event: Recorded) -> None:
    """Hold the alert against those before it: is one missing, and when is the next one due?"""
    alert_watch(alert_id=event.subject_id)
