"""Posting: accounts, entries and reversals. Every write to the ledger passes here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from fusion_project.events import doorbell, names
from fusion_project.events.clock import now
from fusion_project.events.registry import handlers_of
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Request
from fusion_project.text.canonical import canonical_json
from treasury import errors
from treasury.models import Currency, Entry, LedgerAccount
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft, PostedEntry, draft_as_json, draft_check, reversal_of
from treasury.selectors.entries import entry_as_draft

# Brokers book some costs with more digits than the account shows; eight hold every one known.
BROKER_CURRENCY_SCALE = 8

_REFUSALS: dict[str, type[errors.LedgerRefused]] = {
    "treasury_line_sum_zero": errors.EntryNotBalanced,
    "treasury_line_two_or_more": errors.EntryTooShort,
    "treasury_line_not_zero": errors.EntryTooShort,
    "treasury_line_scale": errors.AmountNotExact,
    "treasury_line_is_number": errors.AmountNotExact,
    "treasury_line_account_currency": errors.AccountMismatch,
    "treasury_line_account_known": errors.AccountUnknown,
    "treasury_entry_same_content": errors.EntryKeyReused,
    "treasury_entry_reverses_id_key": errors.EntryAlreadyReversed,
    "treasury_line_reversal_mirrors": errors.EntryAlreadyReversed,
    "treasury_entry_reverses_known": errors.EntryNotFound,
    "treasury_entry_taken_back": errors.ReversalUnwanted,
    "treasury_balance_floor": errors.FloorBreached,
    "treasury_distribution_is_wanted": errors.DistributionChanged,
    "treasury_distribution_is_sealed": errors.DistributionHindered,
    "treasury_distribution_book_is_frozen": errors.DistributionHindered,
    "treasury_transit_wanted": errors.TransitRefused,
    "treasury_transit_as_wanted": errors.TransitRefused,
    "treasury_entry_held_back": errors.EntryHeldBack,
    "treasury_hold_begins_pending": errors.HoldRefused,
    "treasury_hold_before_its_entry": errors.HoldRefused,
    "treasury_hold_takes_at_most": errors.HoldRefused,
    "treasury_hold_is_pending": errors.HoldEnded,
    "treasury_conversion_at_its_price": errors.ConversionRefused,
    "treasury_period_hindered": errors.PeriodHindered,
    "treasury_period_is_closed": errors.PeriodIsClosed,
}


def currency_ensure(*, code: str, scale: int = BROKER_CURRENCY_SCALE) -> Currency:
    """The currency, made with `scale` digits where it is new; an existing one keeps its own."""
    currency, _ = Currency.objects.get_or_create(code=code, defaults={"scale": scale})
    return currency


def account_ensure(
    *, code: str, book: str, currency: str, kind: str, floor: Decimal | None = None
) -> LedgerAccount:
    """The account, made where it is new; one with a floor keeps its balance.

    Raises AccountMismatch when it exists with another currency, kind or floor.
    """
    made: dict[str, Any] = {
        "currency_id": currency,
        "kind": kind,
        "floor": floor,
        "tracked": floor is not None,
        "created_at": now,
    }
    account, _ = LedgerAccount.objects.get_or_create(book=book, code=code, defaults=made)
    if (account.currency_id, account.kind, account.floor) != (currency, kind, floor):
        raise errors.AccountMismatch(
            f"{code} ({book}): expected {currency} {kind} floor {floor}, "
            f"was {account.currency_id} {account.kind} floor {account.floor}"
        )
    return account


def accounts_ensure(*, drafts: Sequence[EntryDraft]) -> None:
    """Make the missing accounts of these drafts, without floors; kinds come from the codes.

    One read where nothing is missing. A currency mismatch is left to the ledger to refuse.
    """
    wanted = {
        (draft.book, line.account_code): line.currency for draft in drafts for line in draft.lines
    }
    codes = {code for _, code in wanted}
    known = set(LedgerAccount.objects.filter(code__in=codes).values_list("book", "code"))
    # Sorted, so that two workers that make the same accounts wait in the same order.
    missing = sorted(wanted.keys() - known)
    if not missing:
        return
    made_at = now()
    LedgerAccount.objects.bulk_create(
        [
            LedgerAccount(
                book=book,
                code=code,
                currency_id=wanted[book, code],
                kind=account_kind(code),
                created_at=made_at,
            )
            for book, code in missing
        ],
        ignore_conflicts=True,
    )


def post(*, drafts: Sequence[EntryDraft], actor: str = "system") -> list[PostedEntry]:
    """Post all drafts or none, in one round trip; answers in the order of the drafts.

    A draft whose key and content are in the ledger already answers with that entry. Records
    `entry.posted` for each new one. Raises a LedgerRefused that names what is wrong; call it once
    per transaction, because key and balance locks are taken in order within one call only.
    """
    for draft in drafts:
        draft_check(draft)
    if not drafts:
        return []
    handlers = handlers_of(names.ENTRY_POSTED)
    # One statement is whole by itself; within a transaction a refusal must leave the rest of it.
    whole = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with refusals_named(), whole, connection.cursor() as cursor:
        cursor.execute(
            "SELECT posted_id, posted_key, was_created FROM treasury_post(%s, %s, %s)",
            [canonical_json([draft_as_json(draft) for draft in drafts]), actor, handlers],
        )
        posted = [PostedEntry(*row) for row in cursor.fetchall()]
    if any(one.created for one in posted):
        doorbell.ring_on_commit(handlers)
    return posted


@transaction.atomic
def entry_reverse(*, entry_id: int, request: Request) -> PostedEntry:
    """Post the mirror of an entry, as the request of two people wants it; its reason is the note.

    A second call for the request answers with the first reversal. Raises EntryNotFound,
    EntryAlreadyReversed where the entry is a reversal itself or was reversed otherwise, and
    ReversalUnwanted where the request is not confirmed or wants something else.
    """
    entry = entry_reversible(entry_id)
    mirror = reversal_of(
        entry_as_draft(entry),
        event_at=entry.event_at,
        source=subject_of(Request, request.pk),
        note=request.reason,
    )
    try:
        return post(drafts=[mirror], actor=request.requester)[0]
    except errors.EntryKeyReused as error:
        raise errors.EntryAlreadyReversed(f"entry {entry_id} is reversed already") from error


def entry_reversible(entry_id: int) -> Entry:
    """The entry. Raises EntryNotFound, and EntryAlreadyReversed where it is a reversal itself."""
    entry = Entry.objects.filter(id=entry_id).first()
    if entry is None:
        raise errors.EntryNotFound(f"no entry {entry_id}")
    if entry.reverses_id is not None:
        raise errors.EntryAlreadyReversed(f"entry {entry_id} is a reversal")
    return entry


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turns the ledger's own refusals into the facts of `errors`; others pass as they are."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = _REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if diagnosis is None or refusal is None:
            raise
        raise refusal(diagnosis.message_primary) from error
