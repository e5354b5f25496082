"""Books that owe units to holders."""

from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury.services.ledger import post

HOLDERS = [f"Liabilities:Holders:DAI:H{number}" for number in range(5)]


def owed_make(*, book: str = "paper") -> None:
    """One to five DAI to each of five holders."""
    ledger_accounts_make("Equity:Issued:DAI", *HOLDERS, currency="DAI", book=book)
    for number, holder in enumerate(HOLDERS, start=1):
        owed_more(holder, str(number), book=book)


def owed_more(holder: str, amount: str, *, book: str = "paper") -> None:
    """So much DAI more, or less, to that holder."""
    lines = ("Equity:Issued:DAI", "DAI", amount), (holder, "DAI", f"{-int(amount)}")
    post(drafts=[draft_of(f"owed:{book}:{holder}:{amount}", *lines, book=book)])
