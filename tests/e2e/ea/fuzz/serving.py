"""The real server in this process, one request at a time, and what its polls gave leave for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.core.servers.basehttp import WSGIServer
from django.db import connections
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings


class _Server(WSGIServer):
    """Its thread keeps its database connection; it ends at once when it is told to."""

    def __init__(self, *args: Any, connections_override: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def serve_forever(self, poll_interval: float = 0.01) -> None:
        super().serve_forever(poll_interval)


class _Thread(LiveServerThread):
    server_class = _Server


@dataclass
class Leave:
    """Entries of one poll that may be sent: by order id, from the poll's sending on (ms)."""

    at_ms: int
    orders: frozenset[str]


@dataclass
class Desk:
    """Notes the permit of each poll under the moment at which it was asked for."""

    clock_ms: Callable[[], int] = lambda: 0
    clock_tell: Callable[[], None] = lambda: None  # sets the database's clock to that
    leaves: list[Leave] = field(default_factory=list)

    def over(self, application: Any) -> Any:
        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            self.clock_tell()
            if not environ["PATH_INFO"].endswith("/poll"):
                return application(environ, start_response)
            at_ms, body = self.clock_ms(), b"".join(application(environ, start_response))
            permit = json.loads(body).get("permit") or {}
            if permit.get("entries_allowed"):
                self.leaves.append(Leave(at_ms, frozenset(o["order_id"] for o in permit["orders"])))
            return [body]

        return answer


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The server's address; its database is the one in use now.

    A busy machine shall not change a run, so Postgres may take its time. A poll of each two seconds
    is a quarter of the work, and leaves permits older.
    """
    patient = override_settings(REQUEST_DATABASE_DEADLINE_SECONDS=60)
    with patient, patch("execution.answers.POLL_SECONDS", "2"), _kept_connections():
        yield from _serve(desk)


@contextmanager
def _kept_connections() -> Iterator[None]:
    settings = connections.settings["default"]
    before, settings["CONN_MAX_AGE"] = settings["CONN_MAX_AGE"], None
    try:
        yield
    finally:
        settings["CONN_MAX_AGE"] = before


def _serve(desk: Desk) -> Iterator[str]:
    server = _Thread("127.0.0.1", desk.over)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()
