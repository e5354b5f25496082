"""What is taken back of units that were given on already: a shortfall, filled by the next award.

A pool never falls below zero, so without this a restated deal would park its handler for good.
"""

from collections.abc import Sequence
from decimal import Decimal

from tokens.rules.posting import TOKEN_CODES, pool_account, shortfall_account, shortfall_drafts_for
from treasury.models import LedgerAccount
from treasury.rules.drafts import EntryDraft
from treasury.selectors.balances import account_balance
from treasury.selectors.holds import available_get
from treasury.services.ledger import accounts_ensure


def pools_kept_whole(*, book: str, drafts: Sequence[EntryDraft]) -> list[EntryDraft]:
    """Drafts that keep each pool from falling below its floor, or pay back a former shortfall.

    Accounts of `drafts` are there already.
    """
    made: list[EntryDraft] = []
    for code in TOKEN_CODES:
        change = _change(drafts, pool_account(code))
        if change != 0:
            pool = LedgerAccount.objects.get(book=book, code=pool_account(code))
            short = account_balance(book=book, code=shortfall_account(code))
            left = available_get(account=pool)
            made += shortfall_drafts_for(code, drafts[-1], left=left, change=change, short=short)
    accounts_ensure(drafts=made)
    return made


def _change(drafts: Sequence[EntryDraft], pool: str) -> Decimal:
    """What the pool, a debt, gets by these drafts; below zero where it gives."""
    lines = (line for draft in drafts for line in draft.lines if line.account_code == pool)
    return -sum((line.amount for line in lines), Decimal(0))
