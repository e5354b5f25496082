"""Gaps in the sequence of an executor's reports."""

from itertools import pairwise

from execution.models import Report

WINDOW = 500
GAPS_MAX = 20


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
