"""Reads what a model's server sent: the chance, whose it is, and what was paid. Pure.

Bytes from outside are believed in nothing: what is not in the form that was asked for is a fault
with a name, and a fault gives no chance.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from signals.fusion.numbers import clipped
from signals.lobes.outside.endpoint import Endpoint
from signals.lobes.outside.prompts import YES_NO

# Less than this on both words: the model wants to say something else.
_MASS_MIN: Final = 0.05
_SURE: Final = 1e-6
_TOKENS_MAX: Final = 10_000_000


class ReplyFault(ValueError):
    """What was sent is no answer to what was asked; the text is the reason that is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer in the form that was asked for. `p`: the chance of what this framing asks."""

    p: float
    model: str
    fingerprint: str


def reply_read(endpoint: Endpoint, method: str, raw: bytes) -> Reply:
    """Read a whole reply. Raises ReplyFault."""
    body = _object(raw)
    model = body.get("model")
    if not isinstance(model, str) or not endpoint.is_its_name(model):
        raise ReplyFault("another_model")
    choices = body.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        raise ReplyFault("no_choice")
    fingerprint = body.get("system_fingerprint")
    return Reply(
        p=_yes_share(choices[0]) if method == YES_NO else _chance(choices[0]),
        model=model,
        fingerprint=str(fingerprint)[:64] if isinstance(fingerprint, str) else "",
    )


def tokens_read(raw: bytes) -> tuple[int, int, int] | None:
    """Return how many tokens were read, of them from the cache, and written; None: not told."""
    try:
        usage = _object(raw).get("usage")
    except ReplyFault:
        return None
    if not isinstance(usage, dict):
        return None
    read, written = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if read is None or written is None:
        return None
    details = usage.get("prompt_tokens_details")
    told = details.get("cached_tokens") if isinstance(details, dict) else None
    return read, min(_count(told) or 0, read), written


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ReplyFault("not_json") from error
    if not isinstance(value, dict):
        raise ReplyFault("not_json")
    return value


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _chance(choice: dict[str, Any]) -> float:
    """The whole number of percent that was asked for; never 0 or 100, nobody knows that much."""
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, str):
        raise ReplyFault("no_content")
    told = _object(content.encode(errors="replace")).get("chance_percent")
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        raise ReplyFault("no_chance")
    if not 0 < told < 100:
        raise ReplyFault("chance_out_of_range")
    return told / 100


def _yes_share(choice: dict[str, Any]) -> float:
    """The share of Yes in the probability of both words, however they are written."""
    try:
        told = choice["logprobs"]["content"][0]["top_logprobs"]
        pairs = [(one["token"], one["logprob"]) for one in told]
    except (KeyError, IndexError, TypeError) as error:
        raise ReplyFault("no_logprobs") from error
    mass = {"yes": 0.0, "no": 0.0}
    for token, log in pairs:
        if isinstance(log, bool) or not isinstance(log, int | float) or not log <= 0:
            raise ReplyFault("chance_out_of_range")
        word = token.strip().lower() if isinstance(token, str) else ""
        if word in mass:
            mass[word] += math.exp(log)
    total = mass["yes"] + mass["no"]
    if total < _MASS_MIN:
        raise ReplyFault("neither_yes_nor_no")
    return clipped(mass["yes"] / total, _SURE)


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _TOKENS_MAX:
        return None
    return value
