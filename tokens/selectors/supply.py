"""Token sums from the ledger: supply and accruals per book."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from tokens.models import Token
from tokens.rules.earning import SHARES
from tokens.rules.posting import accrual_account, issued_account, pool_account
from treasury.models import Line
from treasury.selectors.balances import account_balance


@dataclass(frozen=True, slots=True)
class TokenSupply:
    """Units issued and held; the two are equal or the ledger is broken."""

    code: str
    name: str
    kind: str
    decimals: int
    issued: Decimal
    held: Decimal


def supply_list(*, book: str) -> list[TokenSupply]:
    """Every token with its units in this book, by code. DCT units come with distributions."""
    return [
        TokenSupply(
            code=token.code,
            name=token.name,
            kind=token.kind,
            decimals=token.decimals,
            issued=account_balance(book=book, code=issued_account(token.code)),
            held=-_held(book, token.code),
        )
        for token in Token.objects.order_by("code")
    ]


def accrual_get(*, book: str, currency: str) -> dict[str, Decimal]:
    """Signed accrual per share (burn, reward, retained) in account currency."""
    return {
        share: -account_balance(book=book, code=accrual_account(share, currency))
        for share in SHARES
    }


def _held(book: str, token_code: str) -> Decimal:
    holders = pool_account(token_code).rpartition(":")[0] + ":"
    lines = Line.objects.filter(account__book=book, account__code__startswith=holders)
    return lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
