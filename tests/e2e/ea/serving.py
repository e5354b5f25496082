"""The real server in this process, one request at a time, over a database connection that it keeps.

In lockstep nothing comes beside what one program asks, and to connect anew for each request would
be most of the work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


def _straight(application: Any) -> Any:
    # Static files come from the app itself, as in production.
    return application


@contextmanager
def served(over: Callable[[Any], Any] = _straight) -> Iterator[str]:
    """The server's address; its database is the one in use now. `over` wraps the application.

    A busy machine shall not pass for a database that is away, so Postgres may take its time.
    """
    with override_settings(REQUEST_DATABASE_DEADLINE_SECONDS=60.0), _kept_connections():
        yield from _serve(over)


@contextmanager
def _kept_connections() -> Iterator[None]:
    settings = connections.settings["default"]
    before, settings["CONN_MAX_AGE"] = settings["CONN_MAX_AGE"], None
    try:
        yield
    finally:
        settings["CONN_MAX_AGE"] = before


def _serve(over: Callable[[Any], Any]) -> Iterator[str]:
    server = _Thread("127.0.0.1", over)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()
