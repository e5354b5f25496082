"""Which amounts may pass from one currency into another, and the entry of it. Pure.

Two balanced pairs, joined by `Equity:Conversion:<CCY>`: each currency sums to zero by itself, and
what was taken out of one and brought into the other stands there, at no price of its own.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from treasury.rules.accounts import account_kind
from treasury.rules.drafts import EntryDraft, LineDraft

CONVERSION: Final = "conversion"
# Not what brokers, series of units or holders of tokens have: those follow deals, prices of units
# and chains. The table holds the same.
_CONVERTIBLE = re.compile(
    r"(Assets:(Revenue|Treasury)|(Liabilities:Pool|Equity:Retained):(House|Subscription)):.+"
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One side: an account, and how much leaves or reaches it in its own direction, above zero."""

    account_code: str
    currency: str
    amount: Decimal


def is_convertible(code: str) -> bool:
    """Whether what stands on the account may be converted, or may come of it."""
    return _CONVERTIBLE.fullmatch(code) is not None


def conversion_key(number: int) -> str:
    """One entry for a conversion."""
    return f"{CONVERSION}:{number}"


def conversion_account(currency: str) -> str:
    """What was converted into the currency less what was converted out of it."""
    return f"Equity:Conversion:{currency}"


def conversion_draft(
    *, number: int, book: str, taken: Leg, brought: Leg, at: datetime, source: str, trace_id: str
) -> EntryDraft:
    """Four lines; both accounts are of one kind, so one sign serves both."""
    sign = 1 if account_kind(taken.account_code) == "asset" else -1
    out, into = taken.amount * sign, brought.amount * sign
    return EntryDraft(
        idem_key=conversion_key(number),
        kind=CONVERSION,
        book=book,
        event_at=at,
        source=source,
        trace_id=trace_id,
        lines=(
            LineDraft(taken.account_code, taken.currency, -out),
            LineDraft(conversion_account(taken.currency), taken.currency, out),
            LineDraft(conversion_account(brought.currency), brought.currency, -into),
            LineDraft(brought.account_code, brought.currency, into),
        ),
    )
