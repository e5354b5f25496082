"""One method for each call; every trouble is either `ServerAway` or `Refused`."""

import re
import time
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import uuid4

import httpx2
import msgspec

from execution.client.polling import PollHeard, poll_read
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
    ReportsReply,
    WaitReply,
)
from execution.wire.fields import MomentText

TIMEOUT_SECONDS = 5.0
# The whole of an answer: a line that gives a byte now and then is one that gives none.
ANSWER_SECONDS_MAX = 15.0
ANSWER_BYTES_MAX = 4_194_304

Reply = TypeVar("Reply", HelloReply, ReportsReply, HeartbeatReply, WaitReply, BarsReply)


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

    With a signing key, which goes with a key that asks for it, each call is signed, by the server's
    time once it has said that ours is off. Every call raises ServerAway and Refused.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        signing_key: str = "",
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._signing_key = signing_key
        self._clock = clock
        self._ahead_seconds = 0.0
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

    def poll(self, body: Poll) -> PollHeard:
        """Ask for work; the permit counts from when this was called.

        An order that cannot be read costs no more than itself.
        """
        content = self._call("poll", body)
        try:
            return poll_read(content)
        except WireError as error:
            raise ServerAway(f"the answer cannot be read: {error}") from error

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
        content = self._call(call, body)
        try:
            return body_read(content, kind)
        except WireError as error:
            raise ServerAway(f"the answer cannot be read: {error}") from error

    def _call(self, call: str, body: msgspec.Struct) -> bytes:
        """Return what the server says to a call that it has taken."""
        content = body_write(body)
        headers = self._signed(call, content)
        try:
            with self._http.stream("POST", call, content=content, headers=headers) as response:
                status, answer = response.status_code, _whole(response)
        except httpx2.HTTPError as error:
            raise ServerAway(type(error).__name__) from error
        if status == 200:
            return answer
        if not 400 <= status < 500 or status == 429:
            raise ServerAway(f"status {status}")
        try:
            refusal = body_read(answer, ErrorReply)
        except WireError as error:
            raise Refused(status, "", f"in other words than ours: {error}") from error
        if refusal.code == "signature_late":
            self._learn_time(refusal.message)
        raise Refused(status, refusal.code, refusal.message)

    def _learn_time(self, message: str) -> None:
        """Sign by the server's time from now on; the refusal names it."""
        if found := re.search(MomentText.pattern, message):
            told = MomentText.read(found[0]).at.timestamp()
            self._ahead_seconds = told - self._clock()

    def _signed(self, call: str, content: bytes) -> dict[str, str]:
        if not self._signing_key:
            return {}
        url = self._http.build_request("POST", call).url
        moment = self._clock() + self._ahead_seconds
        time_msc, nonce = str(int(moment * 1000)), uuid4().hex
        signature = signature_of(
            self._signing_key,
            method="POST",
            path=url.raw_path.decode(),
            time_msc=time_msc,
            nonce=nonce,
            body=content,
        )
        return {TIME_HEADER: time_msc, NONCE_HEADER: nonce, SIGNATURE_HEADER: signature}


def _whole(response: httpx2.Response) -> bytes:
    """Return the body. Raises ServerAway for one that is too large or takes too long."""
    began, parts, size = time.monotonic(), [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > ANSWER_BYTES_MAX:
            raise ServerAway(f"the answer has more than {ANSWER_BYTES_MAX} bytes")
        if time.monotonic() - began > ANSWER_SECONDS_MAX:
            raise ServerAway(f"the answer took more than {ANSWER_SECONDS_MAX:g} s")
    return b"".join(parts)
