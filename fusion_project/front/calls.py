"""One whole request on its way through a thread: its environ, Django's answer, and out."""

import io
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

from fusion_project.front.bodies import LATE_MARK, Body
from fusion_project.front.kinds import Kind
from fusion_project.front.refusals import BUSY, FAILED, Answering
from fusion_project.front.waiting import PATIENCE_MARK, Patience

logger = logging.getLogger("fusion.front")

# In a request's environ: how long it waited for a thread.
WAITED_MARK: Final = "fusion.waited_seconds"
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_VERSIONS: Final = {"1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}
# WSGI gives these two without the prefix of other headers.
_BARE: Final = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}


class Headers(Protocol):
    """A request's headers; names are in lower case, and may repeat among the items."""

    def items(self) -> list[tuple[str, str]]: ...
    def get(self, key: str) -> str | None: ...
    def __contains__(self, key: str) -> bool: ...


class Scope(Protocol):
    """What RSGI tells of a request, as far as it is used here."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Headers


class Call:
    """A request that a thread will answer. `done` is called after that, in the thread.

    An answer that its view lets wait is left in `patience` instead.
    """

    __slots__ = ("_answering", "_body", "_done", "_kind", "_patience", "_scope", "_since")

    def __init__(
        self,
        kind: Kind,
        scope: Scope,
        answering: Answering,
        body: Body,
        done: Callable[[], None],
        patience: Patience | None = None,
    ) -> None:
        self._kind = kind
        self._patience = patience
        self._scope = scope
        self._answering = answering
        self._body = body
        self._done = done
        self._since = time.monotonic()

    def answer(self, application: WsgiApplication) -> None:
        """Let the application answer, in this thread. Never raises, always answers."""
        waited = time.monotonic() - self._since
        try:
            if waited > self._kind.waiting_seconds:
                BUSY.send(self._kind, self._answering)
            else:
                self._run(application, waited)
        except Exception:
            logger.exception("a request could not be answered")
            FAILED.send(self._kind, self._answering)
        finally:
            self._done()

    def _run(self, application: WsgiApplication, waited: float) -> None:
        environ = environ_of(self._scope, self._body)
        environ[WAITED_MARK] = waited
        environ[PATIENCE_MARK] = self._patience
        status = 500
        headers: list[tuple[str, str]] = []

        def start(line: str, fields: list[tuple[str, str]], exc_info: object = None) -> None:
            nonlocal status, headers
            status, headers = int(line[:3]), fields

        answer = application(environ, start)
        try:
            # Whole before it leaves: a client that reads slowly holds no thread.
            content = b"".join(answer)
            if self._body.state != "whole":
                headers = [*headers, ("connection", "close")]
            if self._patience is not None and self._patience.wait is not None:
                self._patience.answer = status, headers, content
            else:
                self._answering.response_bytes(status, headers, content)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def environ_of(scope: Scope, body: Body) -> dict[str, Any]:
    """Return the request as WSGI wants it: text is Latin-1 that stands for bytes.

    A header whose name has an underscore is left out: it could pass for one with a hyphen.
    """
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _latin_1(scope.path),
        "QUERY_STRING": _latin_1(scope.query_string),
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": _VERSIONS.get(scope.http_version, "HTTP/1.1"),
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        LATE_MARK: body.state == "late",
    }
    for name, value in scope.headers.items():
        if "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            key = _BARE.get(key, key)
            before = environ.get(key)
            joint = ";" if name == "cookie" else ","
            environ[key] = value if before is None else f"{before}{joint}{value}"
    environ.setdefault("HTTP_HOST", scope.authority or "")
    # Django reads as much as this says; of a body sent in chunks it says what has come.
    environ.setdefault("CONTENT_LENGTH", str(len(body.content)))
    return environ


def _latin_1(text: str) -> str:
    return text if text.isascii() else text.encode().decode("latin-1")
