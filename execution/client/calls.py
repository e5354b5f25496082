"""One method for each call; every trouble is either `ServerAway` or `Refused`."""

from collections.abc import Iterable
from typing import TypeVar

import httpx2
import msgspec

from execution.wire import Heartbeat, Hello, Poll, Reports, WireError, body_read, body_write
from execution.wire.answers import ErrorReply, HeartbeatReply, HelloReply, PollReply, ReportsReply

TIMEOUT_SECONDS = 5.0

Reply = TypeVar("Reply", HelloReply, PollReply, ReportsReply, HeartbeatReply)


class ServerAway(Exception):
    """No answer, or one that promises a later one (5xx, 429): try again with back-off."""


class Refused(Exception):
    """The server understood and said no; `code` is its reason."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code


class ExecutorClient:
    """Posts to `<base_url>/api/v1/executor/<call>` with the executor's key.

    Every call raises ServerAway and Refused.
    """

    def __init__(
        self, base_url: str, key: str, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._http = httpx2.Client(
            base_url=base_url.rstrip("/") + "/api/v1/executor/",
            headers={"Authorization": f"Token {key}", "Content-Type": "application/json"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def hello(self, body: Hello) -> HelloReply:
        """Say who this is and what the terminal says of the account."""
        return self._post("hello", body, HelloReply)

    def poll(self, body: Poll) -> PollReply:
        """Ask for work; the permit counts from when this was called."""
        return self._post("poll", body, PollReply)

    def reports(
        self, instance: str, reports: Iterable[str], *, boot_nonce: str = ""
    ) -> ReportsReply:
        """Tell reports, each the JSON of an `ExecutionReport` as it was first told."""
        raw = [msgspec.Raw(one.encode()) for one in reports]
        return self._post("reports", Reports(instance, raw, boot_nonce), ReportsReply)

    def heartbeat(self, body: Heartbeat) -> HeartbeatReply:
        """Tell the account's money and positions."""
        return self._post("heartbeat", body, HeartbeatReply)

    def _post(self, call: str, body: msgspec.Struct, kind: type[Reply]) -> Reply:
        try:
            response = self._http.post(call, content=body_write(body))
        except httpx2.HTTPError as error:
            raise ServerAway(type(error).__name__) from error
        if response.status_code >= 500 or response.status_code == 429:
            raise ServerAway(f"status {response.status_code}")
        try:
            if response.status_code == 200:
                return body_read(response.content, kind)
            refusal = body_read(response.content, ErrorReply)
        except WireError as error:
            raise ServerAway(f"the answer cannot be read: {error}") from error
        raise Refused(response.status_code, refusal.code, refusal.message)
