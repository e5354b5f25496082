"""How often each MT5 return code was told, beside what it means; for handbook and operators."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from execution.models import Report
from execution.rules.retcodes import RETCODES, Retcode, retcode_get


@dataclass(frozen=True, slots=True)
class RetcodeSeen:
    """A code, its row of the table, and how often and when last it was told since then."""

    code: int
    row: Retcode
    times: int
    last_at: datetime | None


def retcode_list(*, since: datetime, account_id: int | None = None) -> list[RetcodeSeen]:
    """Return every code of the table and every other one that was told, by number."""
    told = Report.objects.filter(retcode__isnull=False, received_at__gte=since)
    if account_id is not None:
        told = told.filter(account_id=account_id)
    counted = told.values_list("retcode").annotate(Count("id"), Max("received_at"))
    seen = {code: (times, last_at) for code, times, last_at in counted}
    return [
        RetcodeSeen(code, retcode_get(code), *seen.get(code, (0, None)))
        for code in sorted({*RETCODES, *seen})
    ]
