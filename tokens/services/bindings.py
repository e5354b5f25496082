"""Binding a token to its chain, and releasing it when it is frozen: what two people want."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import transaction

from fusion_project.environment import is_this_machine
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.formats import plain_number
from tokens.chain.address import address_read
from tokens.errors import BindingInvalid, BindingNotFound, BindingNotFrozen, TokenUnknown
from tokens.models import ChainBinding, Token
from tokens.models.chain import LOOPBACK, TON, TON_TEST
from tokens.rules.chain_states import FROZEN, UNKNOWN
from treasury.models import BOOKS

CHAIN_BIND: Final = "chain.bind"
CHAIN_RELEASE: Final = "chain.release"
LIVE: Final = "live"
_COPIED: Final = ("book", "network", "node_url", "index_url", "master", "owner")


def binding_ask(
    *,
    token_code: str,
    book: str,
    network: str,
    node_url: str,
    index_url: str,
    master: str,
    owner: str,
    opening: tuple[Decimal, Decimal],
    reason: str,
    actor: str,
) -> Request:
    """Ask a second person to bind a token. Addresses in either form; `opening`: whole
    tokens that the chain holds in all, and in the treasury's wallet.

    Raises AddressInvalid, and as `binding_check` and `request_ask`.
    """
    token, is_test = token_get(token_code), network == TON_TEST
    payload = {
        "token": token_code,
        "book": book,
        "network": network,
        "node_url": node_url.rstrip("/"),
        "index_url": index_url.rstrip("/"),
        "master": address_read(master, test_network=is_test).raw,
        "owner": address_read(owner, test_network=is_test).raw,
        "opening_supply": str(units_of(token, opening[0])),
        "opening_balance": str(units_of(token, opening[1])),
    }
    subject = f"chain of {token_code}, {book} book"
    return request_ask(
        kind=CHAIN_BIND, subject=subject, payload=payload, reason=reason, actor=actor
    )


def binding_check(payload: Payload) -> None:
    """Raises TokenUnknown and BindingInvalid."""
    token, book = token_get(payload["token"]), payload["book"]
    if token.kind != "jetton":
        raise BindingInvalid(f"{token.code} is an internal unit: each position issues some of it")
    if book not in BOOKS or payload["network"] not in (TON, TON_TEST):
        raise BindingInvalid(f"no book {book!r} on a network {payload['network']!r}")
    for name in ("node_url", "index_url"):
        _url_check(payload[name], book=book)
    if book == LIVE and payload["network"] != TON:
        raise BindingInvalid("a live book is bound to the main network alone")
    supply, balance = int(payload["opening_supply"]), int(payload["opening_balance"])
    if not 0 <= balance <= supply:
        raise BindingInvalid("the treasury's wallet holds no more than there is in all")
    if token.cap is not None and supply > units_of(token, token.cap):
        raise BindingInvalid(f"{token.code} is capped at {plain_number(token.cap)}")
    if ChainBinding.objects.filter(token=token, book=book).exists():
        raise BindingInvalid(f"{token.code} is bound in the {book} book already")


def binding_words(payload: Payload) -> str:
    """In one sentence what will be bound to what."""
    token = token_get(payload["token"])
    supply, balance = (
        plain_number(tokens_of(token, int(payload[name])))
        for name in ("opening_supply", "opening_balance")
    )
    return (
        f"Bind {token} of the {payload['book']} book to the jetton {payload['master']} on "
        f"{payload['network']}, our wallet {payload['owner']}, read from {payload['node_url']} and "
        f"{payload['index_url']}; the ledger takes over {supply} in all, {balance} of them ours."
    )


@transaction.atomic
def binding_carry_out(payload: Payload, request: Request) -> str:
    """Store it; the next look reads the chain."""
    bound = _binding_create(payload, actor=request.requester, request=request)
    return f"binding {bound.pk} is stored"


@transaction.atomic
def loopback_bind(
    *, token_code: str, base_url: str, master: str, owner: str, opening: int, actor: str
) -> ChainBinding:
    """Bind the paper book to this machine's loopback chain server, or follow it to another port.

    `opening`: base units in all, every one in the treasury's wallet. Raises BindingInvalid where
    something else is bound.
    """
    urls = {"node_url": f"{base_url}/api/v2", "index_url": f"{base_url}/api/v3"}
    bound = ChainBinding.objects.filter(token__code=token_code, book="paper").first()
    if bound is None:
        payload = {
            "token": token_code,
            "book": "paper",
            "network": LOOPBACK,
            "master": address_read(master).raw,
            "owner": address_read(owner).raw,
            "opening_supply": str(opening),
            "opening_balance": str(opening),
            **urls,
        }
        return _binding_create(payload, actor=actor, request=None)
    if not bound.is_loopback:
        raise BindingInvalid(f"{token_code} of the paper book is bound to {bound.network} already")
    ChainBinding.objects.filter(id=bound.pk).update(**urls, due_at=now())
    bound.refresh_from_db()
    return bound


def release_ask(*, token_code: str, book: str, reason: str, actor: str) -> Request:
    """Ask a second person to release what is frozen, as it was last seen.

    Raises BindingNotFound, BindingNotFrozen, and as `request_ask`.
    """
    bound = binding_get(token_code=token_code, book=book)
    payload = {"binding_id": bound.pk, "frozen_since": bound.since.isoformat()}
    subject = f"chain of {token_code}, {book} book"
    return request_ask(
        kind=CHAIN_RELEASE, subject=subject, payload=payload, reason=reason, actor=actor
    )


def release_check(payload: Payload) -> None:
    """Raises BindingNotFrozen where it is not, or was frozen anew since."""
    bound = ChainBinding.objects.get(id=payload["binding_id"])
    if bound.state != FROZEN:
        raise BindingNotFrozen(f"{bound.token_id} is {bound.state}, not frozen")
    if bound.since.isoformat() != payload["frozen_since"]:
        raise BindingNotFrozen("it was frozen anew since; ask again with what is shown now")


def release_words(payload: Payload) -> str:
    """In one sentence what was seen and what will follow."""
    bound = ChainBinding.objects.select_related("token").get(id=payload["binding_id"])
    return (
        f"Release {bound.token} of the {bound.book} book ({bound.reason}): it is read anew, the "
        "contract as it is then counts, and a difference that stays freezes it again."
    )


@transaction.atomic
def release_carry_out(payload: Payload, request: Request) -> str:
    """Let it be looked at anew; the table asks for both people."""
    frozen = ChainBinding.objects.filter(id=payload["binding_id"], state=FROZEN)
    moment = now()
    changed = frozen.update(
        state=UNKNOWN,
        reason="released, not read yet",
        since=moment,
        due_at=moment,
        pinned=None,
        drifts_in_row=0,
        failures_in_row=0,
        release=request,
    )
    if changed != 1:
        raise BindingNotFrozen("it is not frozen any more")
    return "released"


def binding_get(*, token_code: str, book: str) -> ChainBinding:
    """The binding with its token. Raises BindingNotFound."""
    bindings = ChainBinding.objects.select_related("token")
    bound = bindings.filter(token__code=token_code, book=book).first()
    if bound is None:
        raise BindingNotFound(f"{token_code} is not bound in the {book} book")
    return bound


def token_get(code: str) -> Token:
    """Raises TokenUnknown."""
    token = Token.objects.filter(code=code).first()
    if token is None:
        raise TokenUnknown(f"no token {code}")
    return token


def units_of(token: Token, amount: Decimal) -> int:
    """Whole tokens in base units. Raises BindingInvalid for what is no whole number of them."""
    units = amount.scaleb(token.decimals)
    if not amount.is_finite() or units != units.to_integral_value():
        raise BindingInvalid(f"{amount} has more than {token.decimals} digits")
    return int(units)


def tokens_of(token: Token, units: int) -> Decimal:
    """Base units in whole tokens."""
    return Decimal(units).scaleb(-token.decimals)


def _binding_create(payload: Payload, *, actor: str, request: Request | None) -> ChainBinding:
    moment = now()
    bound = ChainBinding.objects.create(
        token=token_get(payload["token"]),
        **{name: payload[name] for name in _COPIED},
        opening_supply=int(payload["opening_supply"]),
        opening_balance=int(payload["opening_balance"]),
        request=request,
        trace_id=request.trace_id if request is not None else uuid4().hex,
        bound_at=moment,
        bound_by=actor,
        since=moment,
        due_at=moment,
    )
    record(
        names.CHAIN_BOUND,
        subject=subject_of(ChainBinding, bound.pk),
        trace_id=bound.trace_id,
        actor=actor,
        detail=dict(payload),
    )
    return bound


def _url_check(url: str, *, book: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or len(url) > 200:
        raise BindingInvalid(f"{url!r} is no http(s) address")
    if parts.username or parts.password:
        raise BindingInvalid("a key belongs into TON_API_KEY, not into the address")
    if book == LIVE and (parts.scheme != "https" or is_this_machine(parts.hostname)):
        raise BindingInvalid(f"a live book reads from other machines by https, not from {url}")
