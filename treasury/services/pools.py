"""Accounts of those who are paid: what is owed to them, or held by them, never falls below zero."""

from collections.abc import Sequence
from decimal import Decimal

from treasury.models import LedgerAccount
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft
from treasury.rules.places import FLOORED_ROOTS
from treasury.services.ledger import account_ensure


def paying_accounts_ensure(*, drafts: Sequence[EntryDraft]) -> None:
    """Make the missing accounts of these drafts; pools and units have a floor of zero.

    Sorted, so that two who make the same accounts wait in the same order.
    """
    wanted = {
        (draft.book, line.account_code, line.currency) for draft in drafts for line in draft.lines
    }
    for book, code, currency in sorted(wanted):
        paying_account_ensure(book=book, code=code, currency=currency)


def paying_account_ensure(*, book: str, code: str, currency: str) -> LedgerAccount:
    """The account, made where it is new; a pool, or units, with a floor of zero."""
    floor = Decimal(0) if code.startswith(FLOORED_ROOTS) else None
    return account_ensure(
        code=code, book=book, currency=currency, kind=account_kind(code), floor=floor
    )
