"""A hung Postgres ends a wait at the deadline, and the connection is not used again."""

import socket
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, connection

from fusion_project.postgres.deadline import (
    DatabaseDeadlinePassed,
    DeadlineConnection,
    database_deadline,
)

pytestmark = pytest.mark.usefixtures("committed_db")


def test_a_slow_statement_ends_at_the_deadline_as_an_operational_error() -> None:
    with pytest.raises(OperationalError), database_deadline(0.2), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(6)")
    connection.close()


def test_a_connection_that_gave_up_is_closed() -> None:
    conninfo = connection.get_connection_params()
    raw = DeadlineConnection.connect(**conninfo)
    with pytest.raises(DatabaseDeadlinePassed), database_deadline(0.2):
        raw.execute("SELECT pg_sleep(6)")
    assert raw.closed


def test_after_the_deadline_nothing_is_tried_at_all() -> None:
    connection.close()
    with database_deadline(0.01):
        time.sleep(0.02)
        with pytest.raises(OperationalError), connection.cursor():
            pass


def test_without_a_deadline_nothing_changes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """Accepts connections and never says a word, as a stopped Postgres does."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    held: list[socket.socket] = []

    def accept() -> None:
        listener.settimeout(0.1)
        while not stop.is_set():
            try:
                held.append(listener.accept()[0])
            except TimeoutError:
                continue

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    thread.join()
    for one in (*held, listener):
        one.close()


def test_connecting_to_a_silent_server_ends(silent_server: int) -> None:
    with pytest.raises(psycopg.OperationalError):
        DeadlineConnection.connect(host="127.0.0.1", port=silent_server, connect_timeout=2)
