"""Keeps the heartbeats' table in shape: months made ahead, old ones dropped by a setting."""

from typing import Final

from django.conf import settings
from django.db import connection

MONTHS_AHEAD: Final = 2


def heartbeat_partitions_make() -> int:
    """Make the partitions of this month and the next ones; return how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_heartbeat_partitions(%s)", [MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def heartbeat_forget() -> int:
    """Drop the months that lie wholly further back than `HEARTBEAT_DAYS`; return how many went."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_heartbeat_forget(%s)", [settings.HEARTBEAT_DAYS])
        return int(cursor.fetchone()[0])
