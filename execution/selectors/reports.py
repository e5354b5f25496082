"""Gaps in the sequence of an executor's reports."""

from datetime import timedelta
from itertools import pairwise

from execution.models import BrokerAccount, Report
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident

WINDOW = 500
GAPS_MAX = 20
STANDS_AFTER = timedelta(seconds=30)


def report_gaps(*, account_id: int, instance: str) -> list[tuple[int, int]]:
    """Return the missing sequence numbers as (first, last) ranges, within the last 500.

    Numbers start at 1 for each instance.
    """
    rows = Report.objects.filter(account_id=account_id, instance=instance)
    last = rows.order_by("-seq").values_list("seq", flat=True).first()
    if last is None:
        return []
    first = max(0, last - WINDOW)
    seen = [first, *sorted(rows.filter(seq__gt=first).values_list("seq", flat=True))]
    gaps = [(low + 1, high - 1) for low, high in pairwise(seen) if high > low + 1]
    return gaps[:GAPS_MAX]


def report_gaps_standing(*, account_id: int, instance: str) -> list[tuple[int, int]]:
    """Return the gaps that have stood for 30 s and that no person has closed with a note.

    Closing the incident says that what is missing up to then was found out.
    """
    closed = Incident.objects.filter(
        kind=kinds.REPORTS_MISSING,
        subject=subject_of(BrokerAccount, account_id),
        closed_at__isnull=False,
    ).exclude(closed_by="system")
    explained_at = closed.order_by("-closed_at").values_list("closed_at", flat=True).first()
    rows = Report.objects.filter(account_id=account_id, instance=instance)
    before = now() - STANDS_AFTER
    standing = []
    for first, last in report_gaps(account_id=account_id, instance=instance):
        noticed_at = rows.filter(seq__gt=last).earliest("received_at").received_at
        if noticed_at <= before and (explained_at is None or noticed_at > explained_at):
            standing.append((first, last))
    return standing
