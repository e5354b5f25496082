"""What distributions have set aside for whom, and what of it is held for entries to come."""

from dataclasses import dataclass
from decimal import Decimal

from treasury.models import Balance

_ROOT = "Liabilities:Pool:"


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool: what it holds in all, and what of it is held for an entry."""

    code: str
    currency: str
    amount: Decimal
    held: Decimal


def pool_list(*, book: str) -> list[Pool]:
    """Every pool of a book, by code; also those that are paid out."""
    rows = Balance.objects.filter(account__book=book, account__code__startswith=_ROOT)
    return [
        Pool(row.account.code, row.account.currency_id, -row.amount, row.held)
        for row in rows.select_related("account").order_by("account__code")
    ]
