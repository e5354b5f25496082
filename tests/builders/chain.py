"""Bound tokens and what is seen of their chains, by the real services."""

import datetime as dt
from typing import Any

from django.db import connection

from fusion_project.events.clock import now
from fusion_project.local.chain import MASTER, TREASURY, ChainServer
from tests.builders.second_person import request_confirmed
from tests.factories.treasury import draft_of
from tokens.chain.reader import Reading
from tokens.models import ChainBinding, ChainObservation
from tokens.services.bindings import CHAIN_BIND, binding_carry_out, loopback_bind
from tokens.services.watching import failure_store, reading_store
from treasury.rules.canonical import request_sha256
from treasury.rules.drafts import EntryDraft

# 90 of 100 whole tokens are ours.
SUPPLY, BALANCE = 100 * 10**9, 90 * 10**9
NOWHERE = "http://127.0.0.1:9"
# Where our units of the jetton lie.
JETTON_WALLET = "0:" + "77" * 32


def paper_bound(base_url: str = NOWHERE, *, opening: int = 0) -> ChainBinding:
    """DCT of the paper book, bound to a loopback server."""
    return loopback_bind(
        token_code="DCT",
        base_url=base_url,
        master=MASTER.raw,
        owner=TREASURY.raw,
        opening=opening,
        actor="system",
    )


def live_payload(**facts: Any) -> dict[str, Any]:
    """What two people want of the live book's DCT."""
    told = {
        "token": "DCT",
        "book": "live",
        "network": "ton",
        "node_url": "https://node.example/api/v2",
        "index_url": "https://index.example/api/v3",
        "master": MASTER.raw,
        "owner": TREASURY.raw,
        "opening_supply": str(SUPPLY),
        "opening_balance": str(BALANCE),
    }
    return told | facts


def live_bound(**facts: Any) -> ChainBinding:
    payload = live_payload(**facts)
    binding_carry_out(payload, request_confirmed(CHAIN_BIND, **payload))
    return ChainBinding.objects.get(token__code=payload["token"], book=payload["book"])


def reading_of(
    bound: ChainBinding, supply: int = SUPPLY, balance: int = BALANCE, **facts: Any
) -> Reading:
    """What both sources agree on; the next block unless told otherwise."""
    newest = bound.observations.exclude(seqno=None).order_by("-seqno").first()
    told: dict[str, Any] = {
        "seqno": (newest.seqno or 0) + 1 if newest else 1_000,
        "block_at": now(),
        "supply": supply,
        "balance": balance,
        "mintable": True,
        "admin": TREASURY.raw,
        "wallet": JETTON_WALLET,
        "wallet_code": "88" * 32,
    }
    return Reading(**(told | facts))


def seen(bound: ChainBinding, reading: Reading | None = None, **facts: Any) -> ChainBinding:
    """The binding after this reading, or after one with these facts."""
    told = reading or reading_of(bound, **facts)
    reading_store(binding_id=bound.pk, reading=told, seen=bound.observation_id)
    bound.refresh_from_db()
    return bound


def unseen(bound: ChainBinding, reason: str = "the node answers 500") -> ChainBinding:
    """The binding after a read that failed."""
    failure_store(binding_id=bound.pk, reason=reason, seen=bound.observation_id)
    bound.refresh_from_db()
    return bound


def stale(bound: ChainBinding) -> ChainBinding:
    """Green, and not looked at for five minutes since."""
    seen(bound)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE test_only.test_clock SET shift = shift + interval '301 seconds'")
    return bound


def unknown(bound: ChainBinding) -> ChainBinding:
    return unseen(seen(bound))


def drifted(bound: ChainBinding) -> ChainBinding:
    """One unit more on the chain than anything explains."""
    return seen(seen(bound), supply=SUPPLY + 1)


def frozen(bound: ChainBinding) -> ChainBinding:
    return seen(drifted(bound), supply=SUPPLY + 1)


def observations(bound: ChainBinding) -> list[ChainObservation]:
    return list(bound.observations.order_by("id"))


def distribution(key: str = "dist:live:2026-03:1", book: str = "live", **facts: Any) -> EntryDraft:
    """Ten dollars from what was retained to a pool, as two people want it."""
    lines = ("Equity:Retained", "USD", "10"), ("Liabilities:Pool:Reward", "USD", "-10")
    draft = draft_of(key, *lines, book=book, **({"kind": "distribution"} | facts))
    digest = request_sha256(draft)
    request_confirmed("distribution.make", idem_key=key, entry_sha256=digest, cutoff_id=0)
    return draft


def server_started(manner: str = "") -> ChainServer:
    server = ChainServer()
    server.manner = manner
    server.start()
    return server


MINUTE = dt.timedelta(minutes=1)
