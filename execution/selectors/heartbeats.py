"""How the terminals did over time, as their heartbeats told it: one line an account."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_FIGURES = """
    SELECT a.name, count(*), max(extract(epoch FROM told.pause))::float8,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY told.ping_ms),
           percentile_cont(0.99) WITHIN GROUP (ORDER BY told.ping_ms),
           max(told.outbox_depth),
           count(*) FILTER (WHERE told.entries_blocked <> '' OR told.latch <> '')
      FROM (SELECT h.*, h.at - lag(h.at) OVER (PARTITION BY h.account_id ORDER BY h.at, h.id)
                   AS pause
              FROM execution_heartbeat h
             WHERE h.at >= %(since)s
               AND (%(account_id)s::bigint IS NULL OR h.account_id = %(account_id)s)) told
      JOIN execution_brokeraccount a ON a.id = told.account_id
     GROUP BY a.id ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class HeartbeatFigures:
    """Of one account: how many came, and the longest pause between two of them, in seconds.

    `ping_p50_ms` and `ping_p99_ms` as the terminal measured them, `outbox_most` reports untold at
    once; None where no heartbeat told it. `blocked` of them named a reason to send no entry.
    """

    account: str
    count: int
    pause_seconds: float | None
    ping_p50_ms: float | None
    ping_p99_ms: float | None
    outbox_most: int | None
    blocked: int


def heartbeat_figures(*, since: datetime, account_id: int | None = None) -> list[HeartbeatFigures]:
    """Return the figures of each account that told something since then."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"since": since, "account_id": account_id})
        return [HeartbeatFigures(*row) for row in cursor.fetchall()]
