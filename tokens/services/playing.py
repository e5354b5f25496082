"""The paper book's loopback server plays the person who carries an intent out."""

from __future__ import annotations

import asyncio
import json

from tokens.chain.client import source_open
from tokens.errors import ChainUnknown, IntentEnded, IntentInvalid
from tokens.rules.intents import OPEN
from tokens.services.intents import intent_get


def intent_play(*, intent_id: int) -> str:
    """Have the loopback server do it; returns the transaction's hash.

    Raises IntentNotFound, IntentEnded, IntentInvalid for a true chain, ChainUnknown.
    """
    intent = intent_get(intent_id)
    if not intent.binding.is_loopback:
        raise IntentInvalid("only the loopback server of a paper book plays the person")
    if intent.state != OPEN:
        raise IntentEnded(f"intent {intent_id} is {intent.state}")
    base_url = intent.binding.node_url.removesuffix("/api/v2")
    body = {"kind": intent.kind, "units": str(intent.units), "other": intent.other}
    answer = asyncio.run(_act(base_url, body))
    try:
        return str(json.loads(answer)["transaction"])
    except (ValueError, LookupError, TypeError) as error:
        raise ChainUnknown("the loopback server's answer cannot be read") from error


async def _act(base_url: str, body: dict[str, str]) -> bytes:
    async with asyncio.timeout(5), source_open("loopback server", base_url, key="") as server:
        return await server.post("loopback/act", body)
