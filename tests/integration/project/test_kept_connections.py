"""A kept connection is looked at without a question to the server, and a dead one is noticed."""

import time
from typing import Any

import pytest
from django.db import connection

from fusion_project.postgres.deadline import DeadlineConnection

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)


@pytest.mark.usefixtures("_kept")
def test_a_sound_connection_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(DeadlineConnection, "wait", None)
    assert connection.is_usable()


@pytest.mark.usefixtures("_kept")
def test_a_connection_that_the_server_ended_is_replaced(superuser_connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    superuser_connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    deadline = time.monotonic() + 5
    while connection.is_usable() and time.monotonic() < deadline:
        pass
    assert not connection.is_usable()
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid


def test_no_connection_is_not_usable() -> None:
    connection.close()
    assert not connection.is_usable()
