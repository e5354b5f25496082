"""Fixtures of the whole suite: databases, the clock, handlers, a live server."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker

from tests import database


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database that TestCase-like tests share; each rolls back."""
    with django_db_blocker.unblock():
        database.template_ensure()
        name = database.clone_create()
    settings = connections["default"].settings_dict
    settings["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        database.clone_drop(name)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of the test's own with real commits; threads may use it."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name):
            yield
            connections.close_all()
        database.clone_drop(name)


@pytest.fixture
def owner_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A psycopg connection to the test's database as its owner. Use with `committed_db`."""
    with database.owner_connect() as owner:
        yield owner


@pytest.fixture
def superuser_connection() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A psycopg connection to the test's database as superuser. Use with `committed_db`."""
    with database.superuser_connect() as superuser:
        yield superuser


class Clock:
    """Moves the database clock of the test's database."""

    def advance(self, **units: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE test_only.test_clock SET shift = shift + %s", [dt.timedelta(**units)]
            )

    def set(self, moment: dt.datetime) -> None:
        """Freeze the clock at this moment; `advance` still moves it."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE test_only.test_clock SET frozen_at = %s, shift = '0'", [moment])


@pytest.fixture
def clock() -> Clock:
    return Clock()


class RunHandlers:
    """Runs what is due until all is quiet, as drain would."""

    def __call__(self) -> int:
        """Also what waits for another fact, again for as long as that gets one further done."""
        total = self._due()
        while waiting := self._waiting_made_due():
            total += self._due()
            if self._waiting_made_due() >= waiting:
                break
        return total

    def _waiting_made_due(self) -> int:
        from fusion_project.events.clock import now
        from fusion_project.events.models import Handling

        waiting = Handling.objects.filter(done_at=None, due_at__isnull=False, waits__gt=0)
        return waiting.update(due_at=now())

    def _due(self) -> int:
        from fusion_project.events.registry import handler_list
        from fusion_project.events.work import handler_work_off

        total = 0
        while tried := sum(handler_work_off(one.name)[0] for one in handler_list()):
            total += tried
        return total

    def only(self, name: str) -> int:
        from fusion_project.events.work import handler_work_off

        return handler_work_off(name)[0]


@pytest.fixture
def run_handlers() -> RunHandlers:
    return RunHandlers()


@pytest.fixture
def live_url(committed_db: None) -> Iterator[str]:
    """The address of a real HTTP server over the test's own database."""
    from django.test.testcases import LiveServerThread

    # Static files come from the app itself, as in production.
    server = LiveServerThread("127.0.0.1", lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def in_threads() -> Callable[[int, Callable[[int], Any]], list[Any]]:
    """`in_threads(count, work)`: run work(number) in threads that start together."""
    from tests.threads import run_in_threads

    return run_in_threads
