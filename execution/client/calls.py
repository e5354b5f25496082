"""One method for each call; every trouble is either `ServerAway` or `Refused`."""

import time
from collections.abc import Iterable
from typing import TypeVar
from uuid import uuid4

import httpx2
import msgspec

from execution.rules.signing import (
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    signature_of,
)
from execution.wire import (
    Bars,
    Heartbeat,
    Hello,
    Poll,
    Reports,
    Wait,
    WireError,
    body_read,
    body_write,
)
from execution.wire.answers import (
    BarsReply,
    ErrorReply,
    HeartbeatReply,
    HelloReply,
    PollReply,
    ReportsReply,
    WaitReply,
)

TIMEOUT_SECONDS = 5.0

Reply = TypeVar("Reply", HelloReply, PollReply, ReportsReply, HeartbeatReply, WaitReply, BarsReply)


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

    With a signing key, which goes with a key that asks for it, each call is signed. Every call
    raises ServerAway and Refused.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        signing_key: str = "",
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._signing_key = signing_key
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

    def bars(self, body: Bars) -> BarsReply:
        """Tell closed bars of one series, oldest first."""
        return self._post("bars", body, BarsReply)

    def wait(self, body: Wait) -> WaitReply:
        """Return once there may be work, or after the time; ServerAway where it cannot be done."""
        return self._post("wait", body, WaitReply)

    def _post(self, call: str, body: msgspec.Struct, kind: type[Reply]) -> Reply:
        content = body_write(body)
        try:
            response = self._http.post(call, content=content, headers=self._signed(call, content))
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

    def _signed(self, call: str, content: bytes) -> dict[str, str]:
        if not self._signing_key:
            return {}
        url = self._http.build_request("POST", call).url
        time_msc, nonce = str(int(time.time() * 1000)), uuid4().hex
        signature = signature_of(
            self._signing_key,
            method="POST",
            path=url.raw_path.decode(),
            time_msc=time_msc,
            nonce=nonce,
            body=content,
        )
        return {TIME_HEADER: time_msc, NONCE_HEADER: nonce, SIGNATURE_HEADER: signature}
