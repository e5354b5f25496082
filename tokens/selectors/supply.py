"""Token sums from the ledger: supply and accruals per book."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_parse, subject_prefix
from fusion_project.second_person.models import Request
from tokens.models import PositionAward, Token
from tokens.rules.earning import SHARES
from tokens.rules.posting import (
    DCT,
    ENTRY_KINDS,
    accrual_account,
    issued_account,
    pool_account,
)
from treasury.models import Entry
from treasury.rules.drafts import reversed_kind
from treasury.selectors.balances import account_balance, subtree_balance

_ACCRUAL = ENTRY_KINDS[DCT]
_HANDLER = "tokens.post_position"


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
    *, book: str, currency: str, position_ids: Collection[int], recorded_until: datetime
) -> dict[int, Decimal]:
    """What each of these positions has accrued, by its id, as the ledger stood at that moment."""
    awards = PositionAward.objects.filter(
        token__code=DCT,
        position_id__in=position_ids,
        position__account__book=book,
        position__account__currency=currency,
        entry__recorded_at__lte=recorded_until,
    ).exclude(entry__reversed_by__recorded_at__lte=recorded_until)
    return dict(awards.values_list("position_id").annotate(sum=Sum("amount")))


def accrual_open_positions(*, book: str, since_entry_id: int, recorded_until: datetime) -> set[int]:
    """Ids of positions whose accrual moved after that entry, or is still to be posted.

    All others have accrued what they earned. A handling that was done after the moment has posted
    an entry later than `since_entry_id`, if it posted any.
    """
    accruals = Entry.objects.filter(book=book, kind=_ACCRUAL)
    reversals = Entry.objects.filter(book=book, kind=reversed_kind(_ACCRUAL))
    # What people took back is never posted again.
    by_people = reversals.filter(source__startswith=subject_prefix(Request))
    undone = Event.objects.filter(
        handlings__handler=_HANDLER, handlings__done_at=None, at__lte=recorded_until
    )
    subjects = {
        *accruals.filter(id__gt=since_entry_id).values_list("source", flat=True),
        *reversals.filter(id__gt=since_entry_id).values_list("reverses__source", flat=True),
        *by_people.values_list("reverses__source", flat=True),
        *undone.values_list("subject", flat=True),
    }
    return {subject_parse(one).id for one in subjects}


def _held(book: str, token_code: str, recorded_until: datetime | None) -> Decimal:
    holders = pool_account(token_code).rpartition(":")[0]
    return subtree_balance(book=book, root=holders, recorded_until=recorded_until)
