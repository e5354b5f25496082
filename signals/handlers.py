"""What signals owes to its own facts: fuse the entries of each alert, and watch for lost ones."""

from __future__ import annotations

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from signals.models import Opinion
from signals.services.asking import alert_ask
from signals.services.fusing import decision_fuse
from signals.services.watching import alert_watch


def ask_lobes(event: Recorded) -> list[tuple[int, list[Opinion]]]:
    """Ask every lobe about each undecided entry leg, outside any transaction."""
    return alert_ask(alert_id=event.subject_id)


@handles(names.ALERT_RECEIVED, queue="signals", prepare=ask_lobes)
def fuse_alert(event: Recorded, asked: list[tuple[int, list[Opinion]]]) -> None:
    """Fuse what the lobes said into the decision of each entry leg."""
    for decision_id, opinions in asked:
        decision_fuse(decision_id=decision_id, opinions=opinions)


@handles(names.ALERT_RECEIVED, queue="signals")
def watch_alert(event: Recorded) -> None:
    """Hold the alert against those before it: is one missing, and when is the next one due?"""
    alert_watch(alert_id=event.subject_id)
