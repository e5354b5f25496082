"""Closing intents by what the reader saw: matched with a transaction, posted once, or lapsed.

All under the binding's lock, in the transaction that stores the reading.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Q

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from tokens.chain.address import address_told
from tokens.chain.answers import Moved
from tokens.chain.reader import Reading
from tokens.models import ChainBinding, ChainIntent, ChainTransaction
from tokens.rules.chain_states import LAGGING, Pending
from tokens.rules.intents import (
    BURN,
    BUYBACK,
    LAPSED,
    MATCHED,
    MINT,
    OPEN,
    PENDING,
    POSTED,
    Wanted,
    matched,
    pending_of,
)
from tokens.rules.posting import holder_account, issued_account, market_account, treasury_account
from tokens.services.intents import intent_end, intent_record
from tokens.services.opening import jetton_accounts_ensure
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.services.ledger import account_ensure, post


def open_since(bound: ChainBinding) -> dt.datetime | None:
    """From when on transactions are looked for; None where nothing is open."""
    opened = bound.intents.filter(state=OPEN).order_by("opened_at")
    return opened.values_list("opened_at", flat=True).first()


def intents_match(bound: ChainBinding, reading: Reading) -> None:
    """Give open intents their transactions, then end those whose time was over at this block."""
    waiting = {one.pk: one for one in bound.intents.filter(state=OPEN)}
    known = [one.transaction for one in reading.moved]
    used = ChainTransaction.objects.filter(sha256__in=known).values_list("sha256", flat=True)
    found = matched(
        [_wanted(one) for one in waiting.values()],
        reading.moved,
        master=bound.master,
        used=set(used),
    )
    for number, row in found.items():
        _match(bound, waiting[number], row)
    for number, intent in waiting.items():
        # An intent of after the question was not looked for.
        was_sought = reading.since is not None and reading.since <= intent.opened_at
        if number not in found and was_sought and intent.deadline < reading.block_at:
            _lapse(bound, intent)


def pending_list(bound: ChainBinding) -> list[Pending]:
    """What is open, as it counts in a verdict."""
    rows = bound.intents.filter(state__in=PENDING).select_related("transaction")
    return [
        pending_of(
            one.kind,
            int(one.units),
            matched_units=int(one.transaction.units) if one.transaction else None,
        )
        for one in rows
    ]


def traces_of_change(bound: ChainBinding) -> list[str]:
    """Life lines that a change of the binding's state from what it is belongs to.

    What is open waits for it; where it lagged, what has ended since is why it lags no more.
    """
    about = Q(state__in=PENDING)
    if bound.state == LAGGING:
        about |= Q(ended_at__gte=bound.since)
    return list(bound.intents.filter(about).values_list("trace_id", flat=True))


def intents_post(bound: ChainBinding) -> int:
    """Post the entry of each intent that was seen done; the ledger asks the binding for its state.

    Returns how many were posted. Raises a LedgerRefused where the ledger does not take one.
    """
    rows = bound.intents.filter(state=MATCHED).select_related("transaction").order_by("id")
    intents = list(rows)
    if not intents:
        return 0
    jetton_accounts_ensure(token=bound.token, book=bound.book)
    drafts = [_draft(bound, one) for one in intents]
    for draft in drafts:
        _holders_ensure(draft, bound)
    posted = post(drafts=drafts)
    for intent, entry in zip(intents, posted, strict=True):
        ChainIntent.objects.filter(id=intent.pk, state=MATCHED).update(
            state=POSTED, entry_id=entry.id, ended_at=now(), outcome="posted"
        )
        intent.refresh_from_db()
        intent_record(names.INTENT_ENDED, intent, bound, actor="system")
    return len(intents)


def _wanted(intent: ChainIntent) -> Wanted:
    return Wanted(
        id=intent.pk,
        kind=intent.kind,
        units=int(intent.units),
        other=intent.other,
        opened_at=intent.opened_at,
        deadline=intent.deadline,
        told=intent.told,
    )


def _match(bound: ChainBinding, intent: ChainIntent, row: Moved) -> None:
    seen = ChainTransaction.objects.create(
        binding=bound,
        sha256=row.transaction,
        lt=row.lt,
        at=row.at,
        way=row.kind,
        units=row.units,
        other=row.other,
        seen_at=now(),
    )
    ChainIntent.objects.filter(id=intent.pk, state=OPEN).update(state=MATCHED, transaction=seen)
    intent.refresh_from_db()
    intent_record(names.INTENT_MATCHED, intent, bound, actor="system")


def _lapse(bound: ChainBinding, intent: ChainIntent) -> None:
    if intent_end(intent, LAPSED, "not seen on the chain before its deadline"):
        intent_record(names.INTENT_ENDED, intent, bound, actor="system")
        incident_open(
            kind=kinds.INTENT_LAPSED,
            subject=subject_of(ChainIntent, intent.pk),
            note=f"{intent.kind} of {intent.units} base units of {bound.token.code} ({bound.book})",
            trace_id=intent.trace_id,
        )


def _draft(bound: ChainBinding, intent: ChainIntent) -> EntryDraft:
    seen, token = intent.transaction, bound.token
    assert seen is not None
    amount = Decimal(seen.units).scaleb(-token.decimals)
    ours = treasury_account(token.code)
    other = _other_account(intent.kind, token.code, seen.other)
    giver, taker = (other, ours) if intent.kind in (MINT, BUYBACK) else (ours, other)
    return EntryDraft(
        idem_key=f"intent:{intent.pk}",
        kind=f"token.{intent.kind}",
        book=bound.book,
        event_at=seen.at,
        source=subject_of(ChainIntent, intent.pk),
        trace_id=intent.trace_id,
        lines=(LineDraft(giver, token.code, amount), LineDraft(taker, token.code, -amount)),
        note=f"transaction {seen.sha256}",
    )


def _other_account(kind: str, token_code: str, other: str) -> str:
    """What the treasury's wallet gives to or takes from."""
    if kind in (BURN, MINT):
        return issued_account(token_code)
    if kind == BUYBACK:
        return market_account(token_code)
    told = address_told(other).address
    return holder_account(token_code, told.workchain, told.account)


def _holders_ensure(draft: EntryDraft, bound: ChainBinding) -> None:
    for line in draft.lines:
        if ":Holder-" in line.account_code:
            account_ensure(
                code=line.account_code,
                book=bound.book,
                currency=line.currency,
                kind=account_kind(line.account_code),
            )
