"""The real web server over a database of its own, and sockets that speak to it byte by byte."""

import json
import os
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from psycopg.conninfo import conninfo_to_dict

from fusion_project.events.clock import now
from fusion_project.front.command import APPLICATION, WEB_WORKERS, web_command
from fusion_project.local.run.processes import Child
from fusion_project.local.run.stack import ROOT
from fusion_project.local.servers.children import port_pick
from tests import database
from tests.builders.execution import Desk, desk_make
from tests.builders.signals import BuiltStrategy, strategy_built
from tests.factories.signals import EntryFactory, body_of
from tests.integration.local.waiting import wait_until


@dataclass(frozen=True)
class Served:
    """A web server, and whom it knows."""

    port: int
    child: Child
    strategy: BuiltStrategy
    desk: Desk

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def head(self, path: str, *lines: str) -> bytes:
        """The head of a POST; the rest is up to the caller."""
        wanted = (f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *lines, "", "")
        return "\r\n".join(wanted).encode()

    def alert(self) -> bytes:
        """A whole webhook request: a new entry."""
        body = body_of(EntryFactory(at=now()))
        return self.head(self.strategy.path, f"Content-Length: {len(body)}") + body

    def poll(self) -> bytes:
        """A whole poll of the executor."""
        body = json.dumps({"instance": "ea-1"}).encode()
        key = f"Authorization: Token {self.desk.key_text}"
        return self.head("/api/v1/executor/poll", key, f"Content-Length: {len(body)}") + body

    def page(self, path: str = "/", method: str = "GET") -> bytes:
        """A whole request for a page."""
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()

    def connect(self, data: bytes = b"") -> socket.socket:
        """A connection on which these bytes were sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(data)
        return connection

    def status(self, request: bytes) -> int:
        """Send a whole request on a connection of its own; return the answer's status."""
        with self.connect(request) as connection:
            return answer_read(connection).status


@dataclass(frozen=True)
class Read:
    """An answer from the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer_read(connection: socket.socket, method: str = "POST") -> Read:
    """Read one answer, and not a byte of the next."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _read(connection, 1)
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = b"" if method == "HEAD" else _read(connection, int(headers["content-length"]))
    return Read(int(first.split()[1]), headers, body)


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        assert piece, f"the connection ended after {data!r}"
        data += piece
    return data


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """Serve the database that this process is pointed at."""
    strategy, desk = strategy_built(), desk_make()
    with web_start(home, WEB_WORKERS) as (port, child):
        yield Served(port, child, strategy, desk)


@contextmanager
def web_start(
    home: Path, workers: int, *, application: str = APPLICATION
) -> Iterator[tuple[int, Child]]:
    """A web server over the database in use now."""
    port = port_pick()
    env = {**os.environ, "DATABASE_URL": _database_url(), "CONN_MAX_AGE": "60"}
    command = web_command(port, application=application, workers=workers)
    child = Child(command, log_path=home / f"web-{port}.log", env=env, cwd=ROOT)
    child.start()
    try:
        assert wait_until(lambda: _is_up(port), 60), child.log_path.read_text()[-2000:]
        yield port, child
    finally:
        child.stop()


def _is_up(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def _database_url() -> str:
    with database.owner_connect() as owner:
        name = owner.info.dbname
    app = conninfo_to_dict(os.environ["DATABASE_URL"])
    address = f"{app['host']}:{app['port']}"
    return f"postgresql://{app['user']}:{app['password']}@{address}/{name}"


class HalfSent:
    """Bodies that are never finished: held open, trickling, and begun anew when answered."""

    def __init__(self, served: Served, heads: list[bytes]) -> None:
        self._served = served
        self._heads = heads
        self._open: dict[socket.socket, bytes] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self.answers: Counter[int] = Counter()

    def __enter__(self) -> "HalfSent":
        for head in self._heads:
            self._begin(head)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        for connection in self._open:
            connection.close()

    @property
    def held(self) -> int:
        return len(self._open)

    def _begin(self, head: bytes) -> None:
        self._open[self._served.connect(head + b"{")] = head

    def _hold(self) -> None:
        next_byte = time.monotonic() + 0.5
        while not self._is_over.is_set():
            for connection in select.select(list(self._open), [], [], 0.1)[0]:
                self._begin_anew(connection)
            if time.monotonic() > next_byte:
                next_byte = time.monotonic() + 0.5
                self._trickle()

    def _begin_anew(self, connection: socket.socket) -> None:
        self.answers[answer_read(connection).status] += 1
        head = self._open.pop(connection)
        connection.close()
        self._begin(head)

    def _trickle(self) -> None:
        for connection in self._open:
            try:
                connection.sendall(b" ")
            except OSError:
                continue  # answered meanwhile; select tells
