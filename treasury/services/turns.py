"""Who works on the same policy or stream waits for the other, to the end of the transaction."""

from django.db import connection


def turn_take(what: str) -> None:
    """Wait until nobody else has this turn. Keep the order of calls the same everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"treasury.{what}"]
        )
