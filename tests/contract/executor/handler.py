"""HTTP of the scripted server: one request, one answer, or what is left of one."""

import contextlib
import time
from http.server import BaseHTTPRequestHandler

from tests.contract.executor.bent import Bent

PATH = "/api/v1/executor/"


class Handler(BaseHTTPRequestHandler):
    """Passes each POST to the server's `answer`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self.path.removeprefix(PATH)
        headers = {key.lower(): value for key, value in self.headers.items()}
        bent = self.server.answer(name, raw, headers, self.path)  # type: ignore[attr-defined]
        if bent.silent_seconds:
            time.sleep(bent.silent_seconds)
        body = (bent.body or "").encode("utf-8", "surrogateescape")
        if bent.is_cut and bent.cut_at is None:
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self._send(bent, body)

    def _send(self, bent: Bent, body: bytes) -> None:
        """Whoever was not patient enough has left."""
        if bent.status == 204:
            body = b""
        self.send_response(bent.status)
        for key, value in {"Content-Type": "application/json", **bent.headers}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if bent.cut_at is None else body[: bent.cut_at])
        self.close_connection = self.close_connection or bent.is_cut

    def log_message(self, *args: object) -> None:
        """Say nothing."""
