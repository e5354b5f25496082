"""Paying out of a pool: money that has left an account counts as paid, as two people want it.

A purchase of tokens is paid so too: from the pool that was set aside for it.
"""

import re
from decimal import Decimal
from typing import Final

from django.db import transaction

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import INVESTOR, LedgerAccount, RevenueStream
from treasury.rules.drafts import EntryDraft, LineDraft, digits_of
from treasury.selectors.balances import account_balance
from treasury.selectors.distributions import revenue_money, source_currency, source_digits
from treasury.selectors.nav import unit_book
from treasury.selectors.policies import Source, policy_code_of
from treasury.services.ledger import post
from treasury.services.turns import turn_take

POOL_PAY: Final = "pool.pay"
_POOLS: Final = "Liabilities:Pool:"
_OF_INVESTORS: Final = f"{_POOLS}Investor:"
# What a series is owed: `units pay` books that.
_OWED_TO_A_SERIES: Final = re.compile(r":Payout:S[0-9]+:")


def pool_pay_ask(*, pool: str, source: Source, amount: Decimal, reason: str, actor: str) -> Request:
    """Ask to book so much as paid out of `pool`, an account's code, in the pool's currency.

    `source`: the account from which it was withdrawn, or the stream whose money it was. Raises as
    `pool_pay_check`.
    """
    whose = "account" if isinstance(source, BrokerAccount) else "stream"
    payload = {"pool": pool, f"{whose}_id": source.pk, "amount": amount}
    return request_ask(
        kind=POOL_PAY, subject=f"pool {pool}", payload=payload, reason=reason, actor=actor
    )


def pool_pay_check(payload: Payload) -> None:
    """Raises PoolRefused: no such pool, one of others, or more than it owes or than has left."""
    source, amount = _source(payload), Decimal(payload["amount"])
    pool = _pool(payload["pool"], source)
    _whose_check(pool, source)
    digits = source_digits(source)
    if not amount.is_finite() or amount <= 0 or digits_of(amount) > digits:
        raise errors.PoolRefused(f"expected an amount above zero, {digits} digits, was {amount}")
    owed = -account_balance(book=source.book, code=pool.code)
    if amount > owed:
        raise errors.PoolRefused(f"{pool.code} holds {plain(owed)}, asked {plain(amount)}")
    left = account_balance(book=source.book, code=_money(source))
    if amount > left:
        raise errors.PoolRefused(
            f"{plain(left)} of {_money(source)} wait to be booked, asked {plain(amount)}"
        )


def pool_pay_words(payload: Payload) -> str:
    """In one sentence what will count as paid."""
    source, amount = _source(payload), Decimal(payload["amount"])
    of = f"{plain(amount)} {source_currency(source)} of {source.name}"
    return f"Book {of} as paid out of {payload['pool']}."


@transaction.atomic
def pool_pay_carry_out(payload: Payload, request: Request) -> str:
    """The debt goes, and so does the money; the pool's floor counts what is held of it."""
    source = _locked(payload)
    pool_pay_check(payload)
    amount = Decimal(payload["amount"])
    pool = _pool(payload["pool"], source)
    draft = EntryDraft(
        idem_key=f"{POOL_PAY}:{request.pk}",
        kind=POOL_PAY,
        book=source.book,
        event_at=request.asked_at,
        source=subject_of(Request, request.pk),
        trace_id=request.trace_id,
        lines=(
            LineDraft(pool.code, pool.currency_id, amount),
            LineDraft(_money(source), pool.currency_id, -amount),
        ),
        note=request.reason,
    )
    return f"paid by entry {post(drafts=[draft], actor=request.requester)[0].id}"


def _source(payload: Payload) -> Source:
    if "account_id" in payload:
        return BrokerAccount.objects.get(id=payload["account_id"])
    return RevenueStream.objects.get(id=payload["stream_id"])


def _locked(payload: Payload) -> Source:
    """Whoever books the same money as something else waits."""
    if "account_id" in payload:
        turn_take(f"policy:{INVESTOR}")
        return BrokerAccount.objects.select_for_update(no_key=True).get(id=payload["account_id"])
    turn_take(f"stream:{payload['stream_id']}")
    return _source(payload)


def _pool(code: str, source: Source) -> LedgerAccount:
    pools = LedgerAccount.objects.filter(book=source.book, code__startswith=_POOLS)
    pool = pools.filter(code=code, currency_id=source_currency(source)).first()
    if pool is None:
        where = f"in {source_currency(source)} in the {source.book} book"
        raise errors.PoolRefused(f"there is no pool {code!r} {where}")
    return pool


def _whose_check(pool: LedgerAccount, source: Source) -> None:
    """Money of an account's investors pays what they owe, and nothing else does."""
    if _OWED_TO_A_SERIES.search(pool.code):
        raise errors.PoolRefused("what a series is owed is paid by ./manage.py units pay")
    is_theirs = pool.code.startswith(_OF_INVESTORS)
    if isinstance(source, BrokerAccount) and pool.code.startswith(f"{unit_book(source).owed}:"):
        is_other = False
    elif isinstance(source, BrokerAccount):
        is_other = policy_code_of(account_id=source.pk, at=now()) == INVESTOR or is_theirs
    else:
        is_other = is_theirs
    if is_other:
        raise errors.PoolRefused(f"{source.name} does not pay for {pool.code}: others own it")


def _money(source: Source) -> str:
    """Where money stands that has left, or may leave, for whom it was set aside."""
    if isinstance(source, BrokerAccount):
        return unit_book(source).transit
    return revenue_money(source)
