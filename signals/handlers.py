"""What signals owes to its own facts: fuse the entries of each alert, and watch for lost ones."""

from __future__ import annotations

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from signals.lobes.asking import ask_all
from signals.lobes.base import Answer
from signals.selectors.questions import question_list
from signals.services.authoring import decision_author
from signals.services.watching import alert_watch


def ask_lobes(event: Recorded) -> list[tuple[int, list[Answer]]]:
    """Ask every lobe about each undecided entry leg, outside any transaction."""
    return [
        (decision_id, ask_all(question))
        for decision_id, question in question_list(alert_id=event.subject_id)
    ]


@handles(names.ALERT_RECEIVED, queue="signals", prepare=ask_lobes)
def fuse_alert(event: Recorded, answers: list[tuple[int, list[Answer]]]) -> None:
    """Author the decision of each entry leg from what the lobes said."""
    for decision_id, given in answers:
        decision_author(decision_id=decision_id, answers=given)


@handles(names.ALERT_RECEIVED, queue="signals")
def watch_alert(event: Recorded) -> None:
    """Hold the alert against those before it: is one missing, and when is the next one due?"""
    alert_watch(alert_id=event.subject_id)
