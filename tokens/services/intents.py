"""What the desk intends on a chain: asked by one person, confirmed by another, done by hand there.

We send nothing. The reader finds the transaction (`tokens/services/closing.py`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.people import person_check
from fusion_project.second_person.services import request_ask
from fusion_project.text.formats import plain_number
from tokens.chain.address import address_read
from tokens.errors import CapExceeded, IntentEnded, IntentInvalid, IntentNotFound
from tokens.models import ChainBinding, ChainIntent
from tokens.models.chain import TON_TEST
from tokens.rules.chain_states import INTENTS_OPEN_MAX, Held
from tokens.rules.intents import (
    BUYBACK,
    DEADLINE_MAX,
    KINDS,
    MINT,
    OPEN,
    PAYOUT,
    PENDING,
    WITHDRAWN,
    change_of,
)
from tokens.selectors.chain import ledger_units
from tokens.services.bindings import binding_get, tokens_of, units_of

CHAIN_INTENT: Final = "chain.intent"


def intent_ask(
    *,
    token_code: str,
    book: str,
    kind: str,
    amount: Decimal,
    other: str,
    deadline: dt.datetime,
    reason: str,
    actor: str,
) -> Request:
    """Ask a second person for a burn, mint, payout or buyback of so many whole tokens.

    `other`: who gets a payout, or sells; '' elsewhere. Raises AddressInvalid, and as `intent_check`
    and `request_ask`.
    """
    bound = binding_get(token_code=token_code, book=book)
    is_test = bound.network == TON_TEST
    payload = {
        "token": token_code,
        "book": book,
        "kind": kind,
        "units": str(units_of(bound.token, amount)),
        "other": address_read(other, test_network=is_test).raw if other else "",
        "deadline": deadline.isoformat(),
    }
    subject = f"{kind} of {token_code}, {book} book"
    return request_ask(
        kind=CHAIN_INTENT, subject=subject, payload=payload, reason=reason, actor=actor
    )


def intent_check(payload: Payload) -> None:
    """Raises BindingNotFound, IntentInvalid, CapExceeded."""
    bound = binding_get(token_code=payload["token"], book=payload["book"])
    kind, units, other = payload["kind"], int(payload["units"]), payload["other"]
    if kind not in KINDS or units <= 0:
        raise IntentInvalid(f"expected one of {', '.join(KINDS)} and an amount above 0")
    if (kind == PAYOUT and not other) or (kind not in (PAYOUT, BUYBACK) and other):
        raise IntentInvalid("a payout names who gets it; a burn and a mint name nobody")
    if other and other in _own_addresses(bound):
        raise IntentInvalid("the other side is neither our own wallet nor the jetton")
    _deadline_check(dt.datetime.fromisoformat(payload["deadline"]))
    pending = list(bound.intents.filter(state__in=PENDING))
    if len(pending) >= INTENTS_OPEN_MAX:
        raise IntentInvalid(f"{INTENTS_OPEN_MAX} intents are open already")
    _room_check(bound, kind, units, pending)


def intent_words(payload: Payload) -> str:
    """In one sentence what a person will do on the chain, and until when."""
    bound = binding_get(token_code=payload["token"], book=payload["book"])
    amount = plain_number(tokens_of(bound.token, int(payload["units"])))
    kind, other = payload["kind"], payload["other"]
    what = {
        PAYOUT: f"Pay {amount} {bound.token} out to {other}",
        BUYBACK: f"Buy at least {amount} {bound.token} back" + (other and f" from {other}"),
    }.get(kind, f"{kind.capitalize()} {amount} {bound.token}")
    where = "the loopback server, no chain" if bound.is_loopback else bound.network
    deadline = dt.datetime.fromisoformat(payload["deadline"])
    return (
        f"{what} on {where}, {payload['book']} book, by hand until "
        f"{deadline:%Y-%m-%d %H:%M:%S} UTC; the ledger follows once it is seen there."
    )


@transaction.atomic
def intent_carry_out(payload: Payload, request: Request) -> str:
    """Open it; its token lags from now on, and the next look is at once."""
    bound = ChainBinding.objects.select_for_update(no_key=True, of=("self",)).get(
        id=binding_get(token_code=payload["token"], book=payload["book"]).pk
    )
    intent_check(payload)
    intent = ChainIntent.objects.create(
        binding=bound,
        kind=payload["kind"],
        units=int(payload["units"]),
        other=payload["other"],
        deadline=dt.datetime.fromisoformat(payload["deadline"]),
        request=request,
        trace_id=request.trace_id,
        opened_at=now(),
    )
    ChainBinding.objects.filter(id=bound.pk).update(due_at=now())
    intent_record(names.INTENT_OPENED, intent, bound, actor=request.requester)
    return f"intent {intent.pk} is open"


@transaction.atomic
def intent_tell(*, intent_id: int, transaction_hash: str, actor: str) -> None:
    """Name the transaction by which it was done; no other counts then.

    Raises IntentNotFound, IntentEnded, IntentInvalid, PersonUnknown.
    """
    person_check(actor)
    told = transaction_hash.strip().lower()
    if len(told) != 64 or not all(one in "0123456789abcdef" for one in told):
        raise IntentInvalid("a transaction's hash has 64 hex digits")
    intent, bound = _locked(intent_id)
    if ChainIntent.objects.filter(id=intent_id, state=OPEN).update(told=told) != 1:
        raise IntentEnded(f"intent {intent_id} is {intent.state}")
    ChainBinding.objects.filter(id=bound.pk).update(due_at=now())


@transaction.atomic
def intent_withdraw(*, intent_id: int, reason: str, actor: str) -> None:
    """End one that nobody has carried out; one person may. Raises as `intent_tell`."""
    person_check(actor)
    intent, bound = _locked(intent_id)
    if not intent_end(intent, WITHDRAWN, reason.strip() or "withdrawn"):
        raise IntentEnded(f"intent {intent_id} is {intent.state}")
    ChainBinding.objects.filter(id=bound.pk).update(due_at=now())
    intent_record(names.INTENT_ENDED, intent, bound, actor=actor)


def intent_get(intent_id: int) -> ChainIntent:
    """Raises IntentNotFound."""
    intents = ChainIntent.objects.select_related("binding__token")
    intent = intents.filter(id=intent_id).first()
    if intent is None:
        raise IntentNotFound(f"there is no intent {intent_id}")
    return intent


def _locked(intent_id: int) -> tuple[ChainIntent, ChainBinding]:
    """The intent as it stands under its binding's lock, behind whoever closes it meanwhile."""
    bindings = ChainBinding.objects.select_for_update(no_key=True)
    bound = bindings.get(id=intent_get(intent_id).binding_id)
    return intent_get(intent_id), bound


def intent_end(intent: ChainIntent, state: str, outcome: str) -> bool:
    """Lapsed or withdrawn; False where it is not open any more."""
    changed = ChainIntent.objects.filter(id=intent.pk, state=OPEN).update(
        state=state, ended_at=now(), outcome=outcome[:300]
    )
    intent.refresh_from_db()
    return changed == 1


def intent_record(name: str, intent: ChainIntent, bound: ChainBinding, *, actor: str) -> None:
    """A fact of the intent, on its own trace and its binding's."""
    record(
        name,
        subject=subject_of(ChainIntent, intent.pk),
        trace_id=intent.trace_id,
        actor=actor,
        detail={
            "kind": intent.kind,
            "units": str(intent.units),
            "state": intent.state,
            "outcome": intent.outcome,
            "deadline": intent.deadline,
            "transaction": intent.transaction.sha256 if intent.transaction else "",
        },
        links=[bound.trace_id],
    )


def _own_addresses(bound: ChainBinding) -> set[str]:
    """Units that are sent there come to nobody, or to ourselves."""
    wallet = bound.pinned.wallet if bound.pinned is not None else None
    return {bound.owner, bound.master, *([wallet] if wallet else [])}


def _deadline_check(deadline: dt.datetime) -> None:
    moment = now()
    if not moment < deadline <= moment + DEADLINE_MAX:
        raise IntentInvalid(f"the deadline lies ahead, {DEADLINE_MAX.days} days at most")


def _room_check(bound: ChainBinding, kind: str, units: int, pending: list[Any]) -> None:
    """Open intents count as done: none may want more than there is, or than the cap allows."""
    held = ledger_units(token_id=bound.token_id, book=bound.book)
    for one in pending:
        if one.kind != BUYBACK:
            held = held + change_of(one.kind, int(one.units))
    after: Held = held + change_of(kind, units)
    if after.balance < 0 and kind != MINT:
        left = plain_number(tokens_of(bound.token, held.balance))
        raise IntentInvalid(f"the treasury's wallet has {left} left")
    cap = bound.token.cap
    if kind == MINT and cap is not None and after.supply > units_of(bound.token, cap):
        raise CapExceeded(f"{bound.token.code} is capped at {plain_number(cap)}")
    if kind == MINT and bound.pinned is not None and not bound.pinned.mintable:
        raise IntentInvalid("the jetton can be minted no more")
