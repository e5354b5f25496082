"""One call to a source of the chain: bytes there, bounded bytes back, nothing decided.

Asynchronous, because only then can a deadline end a server that drips bytes.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2

from tokens.errors import ChainUnknown

ANSWER_BYTES_MAX: Final = 262_144
_PIECE_SECONDS: Final = 10.0


class Source:
    """A server's base address; every trouble is ChainUnknown with its reason."""

    def __init__(self, name: str, http: httpx2.AsyncClient) -> None:
        self._name = name
        self._http = http

    async def get(self, path: str, **params: str | int) -> bytes:
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json"}
        return await self._call("POST", path, content=json.dumps(body), headers=headers)

    async def _call(self, method: str, path: str, **more: Any) -> bytes:
        try:
            async with self._http.stream(method, path, **more) as answer:
                if answer.status_code != 200:
                    raise ChainUnknown(f"the {self._name} answers {answer.status_code}")
                return await self._whole(answer)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ChainUnknown(
                f"the {self._name} cannot be asked: {type(error).__name__}"
            ) from error

    async def _whole(self, answer: httpx2.Response) -> bytes:
        seen = bytearray()
        async for piece in answer.aiter_raw():
            seen += piece
            if len(seen) > ANSWER_BYTES_MAX:
                raise ChainUnknown(f"the {self._name} answers with too much")
        return bytes(seen)


@asynccontextmanager
async def source_open(name: str, url: str, *, key: str) -> AsyncIterator[Source]:
    """Connections to one source. The key goes along by TLS alone; redirects are not followed."""
    headers = {"Accept-Encoding": "identity"}
    if key and url.startswith("https://"):
        headers["X-API-Key"] = key
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, timeout=_PIECE_SECONDS, trust_env=False
    ) as http:
        yield Source(name, http)
