"""Looking at a token's chain: claim, read outside any transaction, then judge and store.

A read that fails is stored with its reason; the token is unknown then, and nothing is paid.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from tokens.chain.address import address_told
from tokens.chain.reader import ChainReader, Question, Reading
from tokens.chain.ton import TonReader
from tokens.errors import ChainUnknown
from tokens.models import ChainBinding, ChainObservation
from tokens.rules.chain_states import (
    BLOCK_AGE_MAX,
    DRIFT,
    FROZEN,
    GREEN,
    LAGGING,
    UNKNOWN,
    Held,
    Pins,
    Verdict,
    changed_words,
    verdict,
)
from tokens.rules.intents import MATCHED
from tokens.selectors.chain import bindings_due, bindings_unwatched, ledger_units
from tokens.services.closing import (
    intents_match,
    intents_post,
    open_since,
    pending_list,
    traces_of_change,
)
from tokens.services.opening import opening_post
from treasury.errors import LedgerRefused

EVERY_SECONDS: Final = 60
BACK_OFF_SECONDS_MAX: Final = 960
FAILURES_MAX: Final = 3
_CLOCKS_DIFFER: Final = dt.timedelta(minutes=1)


def chain_watch_due(*, reader: ChainReader | None = None) -> int:
    """Look at every binding that is due; of several processes one each. Returns how many."""
    due = bindings_due(at=now())
    return sum(binding_watch(binding_id=one, reader=reader) is not None for one in due)


def binding_watch(
    *, binding_id: int, reader: ChainReader | None = None, at_once: bool = False
) -> ChainObservation | None:
    """Read one binding's chain and store what was seen; None where another process does it.

    `at_once`: also before it is due.
    """
    bound = _claim(binding_id, at_once=at_once)
    if bound is None:
        return None
    question = Question(
        master=address_told(bound.master).address,
        owner=address_told(bound.owner).address,
        is_loopback=bound.is_loopback,
        since=open_since(bound),
    )
    asked = reader or TonReader(bound.node_url, bound.index_url, key=settings.TON_API_KEY)
    try:
        reading = asyncio.run(asked.read(question))
    except ChainUnknown as reason:
        return failure_store(binding_id=bound.pk, reason=str(reason), seen=bound.observation_id)
    return reading_store(binding_id=bound.pk, reading=reading, seen=bound.observation_id)


@transaction.atomic
def reading_store(
    *, binding_id: int, reading: Reading, seen: int | None
) -> ChainObservation | None:
    """Judge what both sources agree on against the ledger, under the binding's lock.

    `seen`: the observation before the read; None is returned where another came between.
    """
    bound = _lock(binding_id)
    if bound.observation_id != seen:
        return None
    late = _late_words(bound, reading)
    if late:
        return _failure(bound, late)
    refused = _refused(lambda: opening_post(bound, reading))
    intents_match(bound, reading)
    observed = _observe(bound, reading, refused)
    if bound.state == LAGGING and bound.intents.filter(state=MATCHED).exists():
        observed = _observe(bound, reading, _refused(lambda: intents_post(bound)))
    return observed


def _observe(bound: ChainBinding, reading: Reading, refused: str) -> ChainObservation:
    """Store what was read and what follows. `refused`: what of it the ledger did not take."""
    judged = Verdict(FROZEN, refused[:300]) if refused else _judge(bound, reading)
    observed = ChainObservation.objects.create(binding=bound, **_seen(reading, judged))
    is_read = judged.state in (GREEN, LAGGING)
    _move(
        bound,
        observed,
        judged,
        pinned=bound.pinned or observed,
        drifts_in_row=0 if is_read else bound.drifts_in_row + 1,
        failures_in_row=0,
        due_at=now() + dt.timedelta(seconds=EVERY_SECONDS),
    )
    return observed


@transaction.atomic
def failure_store(*, binding_id: int, reason: str, seen: int | None) -> ChainObservation | None:
    """Store that nothing is known and why; the next look waits longer each time."""
    bound = _lock(binding_id)
    return _failure(bound, reason) if bound.observation_id == seen else None


def unwatched_tell() -> None:
    """An incident while nobody looks at a bound token's chain, settled when somebody does."""
    late = list(bindings_unwatched())
    words = ", ".join(f"{one.token.code} ({one.book})" for one in late)
    if late:
        note = f"nobody has read the chain of {words} for five minutes and more"
        incident_open(kind=kinds.CHAIN_UNWATCHED, subject="tokens.chain", note=note)
    else:
        incident_settle(kind=kinds.CHAIN_UNWATCHED, subject="tokens.chain", note="it is read again")


def _claim(binding_id: int, *, at_once: bool) -> ChainBinding | None:
    moment = now()
    due = ChainBinding.objects.filter(id=binding_id)
    if not at_once:
        due = due.filter(due_at__lte=moment)
    if due.update(due_at=moment + dt.timedelta(seconds=EVERY_SECONDS)) != 1:
        return None
    return ChainBinding.objects.select_related("token").get(id=binding_id)


def _lock(binding_id: int) -> ChainBinding:
    rows = ChainBinding.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("token", "pinned").get(id=binding_id)


def _refused(posting: Callable[[], object]) -> str:
    """Why the ledger does not take what the chain holds, such as supply above the cap."""
    try:
        with transaction.atomic():
            posting()
    except LedgerRefused as refusal:
        return f"the ledger refuses what the chain holds: {refusal}"
    return ""


def _late_words(bound: ChainBinding, reading: Reading) -> str:
    """Why a block is not the present one; empty where it is."""
    moment = now()
    newest = bound.observations.exclude(seqno=None).order_by("-seqno").first()
    if newest is not None and newest.seqno is not None and reading.seqno < newest.seqno:
        return f"the node answers at block {reading.seqno}, and {newest.seqno} was seen already"
    if reading.block_at < moment - BLOCK_AGE_MAX:
        return f"the node's newest block is of {reading.block_at:%Y-%m-%d %H:%M:%S} UTC"
    if reading.block_at > moment + _CLOCKS_DIFFER:
        return f"the node's newest block is of {reading.block_at:%Y-%m-%d %H:%M:%S} UTC, to come"
    return ""


def _judge(bound: ChainBinding, reading: Reading) -> Verdict:
    pinned = bound.pinned
    changed = changed_words(_pins(pinned), _pins(reading)) if pinned is not None else ""
    return verdict(
        chain=Held(reading.supply, reading.balance),
        ledger=ledger_units(token_id=bound.token_id, book=bound.book),
        pending=pending_list(bound),
        changed=changed,
        drifts_in_row=bound.drifts_in_row,
        was=bound.state,
    )


def _pins(one: ChainObservation | Reading) -> Pins:
    return Pins(
        admin=one.admin or "",
        mintable=bool(one.mintable),
        wallet=one.wallet or "",
        wallet_code=one.wallet_code or "",
    )


def _seen(reading: Reading, judged: Verdict) -> dict[str, object]:
    return {
        "state": judged.state,
        "reason": judged.reason[:300],
        "seqno": reading.seqno,
        "block_at": reading.block_at,
        "supply": reading.supply,
        "balance": reading.balance,
        "admin": reading.admin,
        "mintable": reading.mintable,
        "wallet": reading.wallet,
        "wallet_code": reading.wallet_code,
    }


def _failure(bound: ChainBinding, reason: str) -> ChainObservation:
    failures = bound.failures_in_row + 1
    wait = min(EVERY_SECONDS * 2 ** min(failures - 1, 10), BACK_OFF_SECONDS_MAX)
    state = FROZEN if bound.state == FROZEN else UNKNOWN
    judged = Verdict(state, reason[:300])
    observed = ChainObservation.objects.create(binding=bound, state=state, reason=reason[:300])
    _move(
        bound,
        observed,
        judged,
        failures_in_row=failures,
        due_at=now() + dt.timedelta(seconds=wait),
    )
    return observed


def _move(bound: ChainBinding, observed: ChainObservation, judged: Verdict, **more: object) -> None:
    """Set the binding to what was seen; a change of state is a fact on the log."""
    was = bound.state
    traces = traces_of_change(bound) if judged.state != was else []
    changes: dict[str, object] = {"observation": observed, **more}
    if judged.state != was:
        changes |= {"state": judged.state, "since": now()}
    if (was, judged.state) != (FROZEN, FROZEN):
        # Why it was frozen stays to be read.
        changes["reason"] = judged.reason
    ChainBinding.objects.filter(id=bound.pk).update(**changes)
    bound.refresh_from_db()
    observed.refresh_from_db()
    if judged.state != was:
        record(
            names.CHAIN_CHANGED,
            subject=subject_of(ChainBinding, bound.pk),
            trace_id=bound.trace_id,
            actor="system",
            detail={
                "token": bound.token.code,
                "book": bound.book,
                "network": bound.network,
                "from": was,
                "to": judged.state,
                "reason": judged.reason,
                "block": observed.seqno,
            },
            links=traces,
        )
    _incidents_keep(bound)


def _incidents_keep(bound: ChainBinding) -> None:
    subject = subject_of(ChainBinding, bound.pk)
    about = f"{bound.token.code} ({bound.book}, {bound.network}): {bound.reason}"
    if bound.state in (DRIFT, FROZEN):
        incident_open(kind=kinds.CHAIN_DRIFTS, subject=subject, note=f"{bound.state}: {about}")
    elif bound.state in (GREEN, LAGGING):
        incident_settle(kind=kinds.CHAIN_DRIFTS, subject=subject, note="chain and ledger agree")
    if bound.failures_in_row >= FAILURES_MAX:
        incident_open(kind=kinds.CHAIN_UNKNOWN, subject=subject, note=about)
    elif bound.failures_in_row == 0:
        incident_settle(kind=kinds.CHAIN_UNKNOWN, subject=subject, note="it is read again")
