"""Token sums from the ledger: supply and accruals per book."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from tokens.models import PositionAward, Token
from tokens.rules.earning import SHARES
from tokens.rules.posting import DCT, accrual_account, issued_account, pool_account
from treasury.selectors.balances import account_balance, subtree_balance


@dataclass(frozen=True, slots=True)
class TokenSupply:
    """Units issued and held; the two are equal or the ledger is broken."""

    code: str
    name: str
    kind: str
    decimals: int
    issued: Decimal
    held: Decimal


def supply_list(*, book: str, recorded_until: datetime | None = None) -> list[TokenSupply]:
    """Every token with its units in this book, by code. DCT units come with distributions.

    `recorded_until`: as the ledger stood at that moment.
    """
    return [
        TokenSupply(
            code=token.code,
            name=token.name,
            kind=token.kind,
            decimals=token.decimals,
            issued=account_balance(
                book=book, code=issued_account(token.code), recorded_until=recorded_until
            ),
            held=-_held(book, token.code, recorded_until),
        )
        for token in Token.objects.order_by("code")
    ]


def accrual_get(
    *, book: str, currency: str, recorded_until: datetime | None = None
) -> dict[str, Decimal]:
    """Signed accrual per share (burn, reward, retained) in account currency.

    `recorded_until`: as the ledger stood at that moment.
    """
    return {
        share: -account_balance(
            book=book, code=accrual_account(share, currency), recorded_until=recorded_until
        )
        for share in SHARES
    }


def accrued_by_position(
    *, book: str, currency: str, recorded_until: datetime
) -> dict[int, Decimal]:
    """What each position has accrued, by its id, as the ledger stood at that moment."""
    awards = PositionAward.objects.filter(
        token__code=DCT,
        position__account__book=book,
        position__account__currency=currency,
        entry__recorded_at__lte=recorded_until,
    ).exclude(entry__reversed_by__recorded_at__lte=recorded_until)
    return dict(awards.values_list("position_id").annotate(sum=Sum("amount")))


def _held(book: str, token_code: str, recorded_until: datetime | None) -> Decimal:
    holders = pool_account(token_code).rpartition(":")[0]
    return subtree_balance(book=book, root=holders, recorded_until=recorded_until)
