"""Wrong sign-ins, counted before a password is looked at, so that many at once count as many.

The rows are django-axes' own, one for a name from an address, whether anybody has that name or not.
A try is counted first and taken back when it succeeds. While a limit is reached nothing is counted
and no password is compared, so a lock ends at its time and its rows stay few.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

# What a column holds; no user's name is as long.
NAME_LENGTH_MAX = 255

_FORGET = """
    DELETE FROM axes_accessattempt
    WHERE attempt_time < events_now() - make_interval(secs => %(lock_seconds)s)"""
_COUNT = """
    INSERT INTO axes_accessattempt (username, ip_address, user_agent, http_accept, path_info,
        get_data, post_data, attempt_time, failures_since_start)
    VALUES (%(name)s, %(address)s, '', '', '', '', '', events_now(), 1)
    ON CONFLICT (username, ip_address, user_agent) DO UPDATE SET
        failures_since_start = axes_accessattempt.failures_since_start + 1,
        attempt_time = excluded.attempt_time"""
_SEEN = """
    SELECT coalesce(sum(failures_since_start) FILTER (WHERE scope.holds), 0),
        max(attempt_time) FILTER (WHERE scope.holds) + make_interval(secs => %(lock_seconds)s)
    FROM axes_accessattempt a CROSS JOIN LATERAL (VALUES
        (1, a.username = %(name)s AND a.ip_address = %(address)s),
        (2, a.ip_address = %(address)s),
        (3, a.username = %(name)s)) scope (n, holds)
    WHERE a.attempt_time >= events_now() - make_interval(secs => %(lock_seconds)s)
        AND (a.username = %(name)s OR a.ip_address = %(address)s)
    GROUP BY scope.n ORDER BY scope.n"""


@dataclass(frozen=True, slots=True)
class Try:
    """`is_allowed`: the password may be compared. `locked_until`: from now on it may not."""

    is_allowed: bool
    locked_until: dt.datetime | None


def try_take(*, name: str, address: str) -> Try:
    """Count one try of a name from an address. Commits at once, unless the caller holds it up."""
    values = _values(name, address)
    if until := _locked_until(values, already=0):
        return Try(False, until)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, values)
        cursor.execute(_COUNT, values)
    # Whoever counted at the same moment sees the others: of any number at once, the limit pass.
    passed_by = _locked_until(values, already=1)
    return Try(passed_by is None, passed_by or _locked_until(values, already=0))


def try_forgive(*, name: str, address: str) -> None:
    """A sign-in that succeeded takes back the tries of this name from this address alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM axes_accessattempt WHERE username = %(name)s AND ip_address = %(address)s",
            _values(name, address),
        )


def _values(name: str, address: str) -> dict[str, str | int]:
    return {
        "name": name[:NAME_LENGTH_MAX],
        "address": address,
        "lock_seconds": settings.SIGN_IN_LOCK_SECONDS,
    }


def _locked_until(values: dict[str, str | int], *, already: int) -> dt.datetime | None:
    """When the last of the reached limits ends; `already`: how many of the tries are this one."""
    limits = (
        settings.SIGN_IN_FAILURES_MAX,
        settings.SIGN_IN_ADDRESS_FAILURES_MAX,
        settings.SIGN_IN_USER_FAILURES_MAX,
    )
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, values)
        found = cursor.fetchall()
    ends = [
        until
        for (seen, until), limit in zip(found, limits, strict=False)
        if seen - already >= limit
    ]
    return max(ends, default=None)
