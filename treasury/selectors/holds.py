"""What is held, and what is left of an account beside it."""

from decimal import Decimal

from django.db.models import QuerySet

from treasury.models import Balance, Hold, LedgerAccount
from treasury.rules.states import PENDING

_DEBIT_KINDS = ("asset", "expense")


def hold_pending_list(*, book: str) -> QuerySet[Hold]:
    """Holds of a book that count now, those that end first before the others."""
    pending = Hold.objects.filter(state=PENDING, account__book=book)
    return pending.select_related("account").order_by("expires_at", "id")


def available_get(*, account: LedgerAccount) -> Decimal:
    """What can be taken from an account with a floor before it is reached, holds left out.

    In the account's own direction and currency.
    """
    kept = Balance.objects.filter(account=account).first()
    amount, held = (kept.amount, kept.held) if kept else (Decimal(0), Decimal(0))
    stands = amount if account.kind in _DEBIT_KINDS else -amount
    floor: Decimal | None = account.floor
    assert floor is not None
    return stands - held - floor
