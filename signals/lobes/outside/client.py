"""One HTTP call to a model's server: a body sent, bounded bytes back. `openai` is loaded here.

By the asynchronous client without tries of its own: a server that drips bytes never meets a read
time-out, so the caller's deadline must be able to end it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from signals.lobes.outside.endpoint import Endpoint

REPLY_BYTES_MAX: Final = 65_536
# Connecting, and each piece of an answer; the whole has the caller's deadline.
_CONNECT_SECONDS: Final = 5.0
_CONNECTIONS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back. `status` 0: nothing did, `fault` says why. `wait_seconds`: as it asked."""

    status: int
    raw: bytes
    fault: str = ""
    wait_seconds: float | None = None


class Client:
    """The connections to one endpoint, one set for each event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._of_loop: WeakKeyDictionary[Any, AsyncOpenAI] = WeakKeyDictionary()

    async def send(self, body: Mapping[str, Any]) -> Sent:
        """Post one chat completion. Raises nothing that the other side can cause."""
        import openai

        client = self._client()
        try:
            answer = await client.chat.completions.with_raw_response.create(**_arguments(body))
            return Sent(answer.http_response.status_code, answer.http_response.content)
        except openai.APIStatusError as error:
            response = error.response
            return Sent(response.status_code, response.content, "", _wait(response.headers))
        except openai.APIConnectionError as error:
            return Sent(0, b"", _fault_of(error))
        except TooLarge:
            return Sent(0, b"", "too_large")
        except openai.OpenAIError:
            return Sent(0, b"", "not_readable")

    def _client(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._of_loop:
            self._of_loop[loop] = _client_make(self._endpoint)
        return self._of_loop[loop]


class TooLarge(Exception):
    """More bytes than an answer may have."""


def load() -> None:
    """Load what a first call would load, which takes a while."""
    import httpx2  # noqa: F401
    import openai.resources.chat.completions  # noqa: F401


def _client_make(endpoint: Endpoint) -> AsyncOpenAI:
    import httpx2
    import openai

    class Bounded(httpx2.AsyncByteStream):
        """A body that ends where it has become too long."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            seen = 0
            async for piece in self._stream:
                seen += len(piece)
                if seen > REPLY_BYTES_MAX:
                    raise TooLarge
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    class BoundedTransport(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            response = await super().handle_async_request(request)
            response.stream = Bounded(response.stream)
            return response

    timeout = httpx2.Timeout(endpoint.seconds_max, connect=_CONNECT_SECONDS)
    limits = httpx2.Limits(max_connections=_CONNECTIONS_MAX)
    return openai.AsyncOpenAI(
        # A server without keys gets a word that is none; from the environment nothing is taken.
        api_key=endpoint.key or "none",
        organization="",
        project="",
        base_url=endpoint.url,
        max_retries=0,
        timeout=timeout,
        default_headers={"Accept-Encoding": "identity"},
        http_client=httpx2.AsyncClient(
            transport=BoundedTransport(limits=limits),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
        ),
    )


def _arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    """Members that the library has no word for go along as they are."""
    known = {
        "model",
        "messages",
        "temperature",
        "max_tokens",
        "logprobs",
        "top_logprobs",
        "response_format",
    }
    more = {name: value for name, value in body.items() if name not in known}
    told = {name: value for name, value in body.items() if name in known}
    return {**told, "extra_body": more} if more else told


def _fault_of(error: Exception) -> str:
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, TooLarge):
            return "too_large"
        cause = cause.__cause__ or cause.__context__
    return "timed_out" if type(error).__name__ == "APITimeoutError" else "connection_lost"


def _wait(headers: Mapping[str, str]) -> float | None:
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 3_600 else None
