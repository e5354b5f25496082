"""A model's server that behaves, or misbehaves in one of many ways: real HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from dataclasses import dataclass, field
from typing import Any, Self

MODEL = "toy-1"
_HEAD = "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}\r\n"
# Each is a way to fail, and the reason that is stored for it; None: there is no answer in time.
FAULTS: dict[str, str | None] = {
    "hang": None,
    "drip": None,
    "429": "http_429",
    "500": "http_500",
    "huge": "too_large",
    "huge_error": "too_large",
    "not_json": "not_json",
    "wrong_shape": "no_choice",
    "other_form": "no_chance",
    "nan": "not_json",
    "zero": "chance_out_of_range",
    "one": "chance_out_of_range",
    "another_model": "another_model",
    "dies": "connection_lost",
    "redirect": "http_302",
}


@dataclass
class LlmServer:
    """`mode` may change while it runs, and `held` until it does.

    `first`: what it does with the first requests, in turn.
    `wins`, `fails`: percent that it says to each framing.
    """

    mode: str = "fine"
    first: list[str] = field(default_factory=list)
    wins: int = 60
    fails: int = 40
    model: str = MODEL
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._is_up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=500)
        server = self._loop.run_until_complete(start)
        self._port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        server.close()
        self._loop.close()

    async def _connection(self, reader: Any, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.lower().split("\r\n")
                [length] = [line for line in lines if line.startswith("content-length:")]
                body = json.loads(await reader.readexactly(int(length.split(":")[1])))
                self.headers.append(head)
                self.bodies.append(body)
                if not await self._answer(body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        """Return whether the connection goes on."""
        while self.mode == "held":
            await asyncio.sleep(0.01)
        mode = self.first.pop(0) if self.first else self.mode
        if mode == "hang":
            await asyncio.sleep(3_600)
        elif mode == "drip":
            writer.write(_HEAD.format(status="200 OK", more="").encode())
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.2)
        elif mode == "dies":
            writer.write(_HEAD.format(status="200 OK", more="Content-Length: 900\r\n").encode())
            writer.write(b'{"model":')
            await writer.drain()
            return False
        elif mode in ("huge", "huge_error"):
            status = "200 OK" if mode == "huge" else "500 Broken"
            writer.write(_HEAD.format(status=status, more="").encode())
            for _ in range(4_000):
                writer.write(b" " * 65_536)
                await writer.drain()
            return False
        else:
            status, more, content = self._said(mode, body)
            size = f"Content-Length: {len(content)}\r\n"
            writer.write(_HEAD.format(status=status, more=size + more).encode() + content)
            await writer.drain()
        return True

    def _said(self, mode: str, body: dict[str, Any]) -> tuple[str, str, bytes]:
        if mode == "redirect":
            return "302 Found", "Location: http://127.0.0.1:9/v1\r\n", b"{}"
        if mode in ("429", "500"):
            more = "Retry-After: 0.1\r\n" if mode == "429" else ""
            return f"{mode} Busy", more, b'{"error": {"message": "busy"}}'
        if mode == "not_json":
            return "200 OK", "", b"<html>busy</html>"
        if mode == "wrong_shape":
            return "200 OK", "", json.dumps({"model": self.model, "choices": 3}).encode()
        return "200 OK", "", json.dumps(self._completion(mode, body)).encode()

    def _completion(self, mode: str, body: dict[str, Any]) -> dict[str, Any]:
        is_failing = "is not reached" in body["messages"][-1]["content"]
        percent = self.fails if is_failing else self.wins
        if body.get("logprobs"):
            choice: dict[str, Any] = {"logprobs": _logprobs(percent / 100)}
        else:
            odd = {"nan": "NaN", "zero": "0", "one": "100", "other_form": '"sixty"'}
            told = odd.get(mode, str(percent))
            content = f'{{"chance_percent": {told}}}'
            choice = {"message": {"role": "assistant", "content": content}}
        return {
            "id": "x",
            "model": "other-9" if mode == "another_model" else self.model,
            "system_fingerprint": "toy",
            "choices": [{"index": 0, "finish_reason": "stop", **choice}],
            "usage": {"prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210},
        }


def _logprobs(yes: float) -> dict[str, Any]:
    words = {" Yes": yes * 0.9, "No": (1 - yes) * 0.9, "yes": yes * 0.05, "Maybe": 0.05}
    told = [{"token": word, "logprob": math.log(p)} for word, p in words.items() if p > 0]
    return {"content": [{"token": " Yes", "logprob": told[0]["logprob"], "top_logprobs": told}]}
