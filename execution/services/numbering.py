"""Order numbers are magic numbers at brokers: one that was seen there never comes again."""

from django.db import connection


def order_numbers_pass(*, magic: int) -> None:
    """Let numbers go on beyond one that a broker shows, where they have not come so far."""
    if not magic:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_order_numbers_pass(%s)", [magic])
