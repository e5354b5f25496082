"""How many requests one peer may make at a public place in a minute, counted in the database."""

from __future__ import annotations

from django.db import connection

from signals.intake.peers import limit_key


def peer_take(*, place: str, peer: str, per_minute_max: int) -> int:
    """Count one request; return 0 where it is within the limit, else the seconds to wait.

    Each place counts on its own, so that one cannot use up another's limit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signals_peer_take(%s, 1, %s)", [f"{place} {limit_key(peer)}", per_minute_max]
        )
        (seconds,) = cursor.fetchone()
    return int(seconds)
