"""A model as a lobe: asked both ways round, averaged in logit, with all that was said on record.

Whoever says the same to both questions knows nothing of either: the average is then one half, which
the record marks, because one half alone would look like doubt.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from typing import Any, Final

from fusion_project.text.canonical import canonical_json, decimal_text
from signals.fusion.numbers import clipped, logit, rounded, sigmoid
from signals.lobes.base import LobeAnswer, Question
from signals.lobes.outside import prompts
from signals.lobes.outside.breaker import Breaker
from signals.lobes.outside.client import Client, Sent
from signals.lobes.outside.endpoint import Endpoint
from signals.lobes.outside.replies import Reply, ReplyFault, reply_read, tokens_read

EPS: Final = Decimal("0.05")
TRIES_MAX: Final = 2
WAIT_SECONDS, WAIT_SECONDS_MAX = 0.5, 2.0
TEXT_MAX: Final = 4_096
# Nobody answers a request that was refused for itself, however often it is sent.
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504, 529})
_UNPAID: Final = frozenset({400, 401, 403, 404, 422, 429})
_COST: Final = Decimal("1e-9")
# Bytes that a server's own template may add to a prompt; a token has a byte at least.
_TEMPLATE_BYTES: Final = 512
# Two names of one limit; what a person sets besides may use the other.
_LIMITS: Final = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class _Framed:
    """What became of one framing; `reply` None: `fault` says why."""

    framing: str
    reply: Reply | None
    fault: str
    sent: Sent
    tries: int
    latency_ms: int
    cost_usd: Decimal

    def told(self) -> dict[str, object]:
        text = self.sent.raw.decode(errors="replace")
        return {
            "framing": self.framing,
            "chance": None if self.reply is None else rounded(self.reply.p),
            "model": None if self.reply is None else self.reply.model,
            "fingerprint": None if self.reply is None else self.reply.fingerprint,
            "fault": self.fault,
            "status": self.sent.status,
            "tries": self.tries,
            "latency_ms": self.latency_ms,
            "cost_usd": self.cost_usd,
            "bytes": len(self.sent.raw),
            "sha256": hashlib.sha256(self.sent.raw).hexdigest(),
            "text": text[:TEXT_MAX],
        }


class ModelLobe:
    """One model, asked by one method. Its version says what is asked and who answered."""

    def __init__(self, endpoint: Endpoint, method: str = prompts.CHANCE) -> None:
        self.name = endpoint.name
        self.daily_usd_max = endpoint.daily_usd_max
        self._endpoint, self._method = endpoint, method
        self._client, self._breaker = Client(endpoint), Breaker()
        self.version = self._version(endpoint.model)

    def asleep_because(self) -> str:
        """Without a key, or an address, there is nobody to ask."""
        return self._endpoint.why_asleep

    def cost_max_usd(self, question: Question) -> Decimal:
        """Every try of both framings, as if each byte were a token and every answer the longest."""
        if not self._sees(question):
            return Decimal(0)
        one = sum((self._call_cost_max(body) for body in self._bodies(question)), Decimal(0))
        return TRIES_MAX * one

    async def call(self, question: Question) -> LobeAnswer:
        """Ask both framings beside each other; every fault is an answer that sleeps."""
        if not self._sees(question):
            return self._asleep("no_fresh_bars")
        if not self._breaker.lets_through(_now()):
            return self._asleep("breaker_open")
        bodies = self._bodies(question)
        asked = zip(prompts.FRAMINGS, bodies, strict=True)
        framed = await asyncio.gather(*(self._ask(framing, body) for framing, body in asked))
        answer = self._answer(framed)
        self._breaker.tell(is_fine=answer.status == "awake", now=_now())
        request = {"url": self._endpoint.url, "prompt": self._endpoint.prompt, "bodies": bodies}
        return replace(answer, request=json.dumps(request, sort_keys=True, ensure_ascii=False))

    def _sees(self, question: Question) -> bool:
        market = question.features.market
        return market is not None and market.features is not None

    def _bodies(self, question: Question) -> list[dict[str, Any]]:
        return [
            prompts.body_of(self._endpoint, question, self._method, framing)
            for framing in prompts.FRAMINGS
        ]

    async def _ask(self, framing: str, body: dict[str, Any]) -> _Framed:
        """Send until there is an answer, the tries are used up or the time is over."""
        began, tries, cost = _now(), 0, Decimal(0)
        sent, reply, fault = Sent(0, b"", "timed_out"), None, "timed_out"
        try:
            async with asyncio.timeout(self._endpoint.seconds_max):
                while tries < TRIES_MAX:
                    tries += 1
                    sent = await self._client.send(body)
                    cost += self._cost(sent, body)
                    reply, fault = self._read(sent)
                    if reply is not None or not _is_worth_another(sent) or tries == TRIES_MAX:
                        break
                    await asyncio.sleep(_wait_seconds(sent))
        except TimeoutError:
            sent, reply, fault = Sent(0, b"", "timed_out"), None, "timed_out"
            cost += self._call_cost_max(body)
        latency_ms = int((_now() - began) * 1000)
        return _Framed(framing, reply, fault, sent, tries, latency_ms, cost)

    def _read(self, sent: Sent) -> tuple[Reply | None, str]:
        if sent.fault:
            return None, sent.fault
        if sent.status != 200:
            return None, f"http_{sent.status}"
        try:
            return reply_read(self._endpoint, self._method, sent.raw), ""
        except ReplyFault as fault:
            return None, str(fault)

    def _cost(self, sent: Sent, body: dict[str, Any]) -> Decimal:
        """What a call cost; where the server does not say, the most that it can have cost."""
        if sent.status in _UNPAID:
            return Decimal(0)
        tokens = tokens_read(sent.raw) if sent.status == 200 else None
        if tokens is None:
            return self._call_cost_max(body)
        read, cached, written = tokens
        paid = self._endpoint.prices.cost_usd(read=read, cached=cached, written=written)
        return paid.quantize(_COST, ROUND_UP)

    def _call_cost_max(self, body: dict[str, Any]) -> Decimal:
        size = len(json.dumps(body, ensure_ascii=False).encode()) + _TEMPLATE_BYTES
        written = max(int(body.get(name, 0)) for name in _LIMITS)
        most = self._endpoint.prices.cost_usd(read=size, cached=0, written=written)
        return most.quantize(_COST, ROUND_UP)

    def _answer(self, framed: list[_Framed]) -> LobeAnswer:
        wins, fails = framed
        told = canonical_json({"framings": [one.told() for one in framed], **_together(framed)})
        cost = wins.cost_usd + fails.cost_usd
        fault = wins.fault or fails.fault
        if wins.reply is None or fails.reply is None:
            return self._failed(fault, told, cost)
        if wins.reply.model != fails.reply.model:
            return self._failed("two_models", told, cost)
        p = average(wins.reply.p, fails.reply.p)
        says_same = wins.reply.p == fails.reply.p
        return LobeAnswer(
            lobe=self.name,
            version=self._version(wins.reply.model),
            status="awake",
            p=rounded(p),
            eps=EPS,
            reason="same_to_both_framings" if says_same else "both_framings",
            response=told,
            cost_usd=cost,
        )

    def _failed(self, reason: str, response: str, cost: Decimal) -> LobeAnswer:
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="failed",
            eps=EPS,
            reason=reason,
            response=response,
            cost_usd=cost,
        )

    def _asleep(self, reason: str) -> LobeAnswer:
        return LobeAnswer(lobe=self.name, version=self.version, status="asleep", reason=reason)

    def _version(self, model: str) -> str:
        return f"{self._endpoint.prompt}.{self._method}:{model}"


def average(wins: float, fails: float) -> float:
    """The chance of a win: both answers, the second turned round, averaged in logit.

    Each is taken for no surer than EPS first, so that neither can drown the other.
    """
    eps = float(EPS)
    turned = logit(clipped(wins, eps)) - logit(clipped(fails, eps))
    return sigmoid(turned / 2)


def _together(framed: list[_Framed]) -> dict[str, object]:
    """How far the two are from one opinion: 0 for p and 1 - p; with its sign, above 0 says yes."""
    chances = [one.reply.p for one in framed if one.reply is not None]
    if len(chances) < len(prompts.FRAMINGS):
        return {"asymmetry": None, "same_to_both": None}
    return {
        "asymmetry": decimal_text(rounded(math.fsum((*chances, -1.0)))),
        "same_to_both": chances[0] == chances[1],
    }


def _is_worth_another(sent: Sent) -> bool:
    return sent.status in _AGAIN or sent.fault == "connection_lost"


def _wait_seconds(sent: Sent) -> float:
    asked = WAIT_SECONDS if sent.wait_seconds is None else sent.wait_seconds
    return min(asked, WAIT_SECONDS_MAX)


def _now() -> float:
    return asyncio.get_running_loop().time()
