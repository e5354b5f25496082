"""Journal entries before they are posted: frozen values, checked without a database."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from treasury.errors import AmountNotExact, EntryNotBalanced, EntryTooShort

SCALE_MAX = 18
DIGITS_MAX = 38
# Wide enough that no sum of numeric(38,18) amounts is ever rounded.
EXACT = Context(prec=80)


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One signed line; a debit is positive, a credit negative."""

    account_code: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """One balanced set of lines in one book, named once and for all by its key."""

    idem_key: str
    kind: str
    book: str
    event_at: datetime
    source: str
    trace_id: str
    lines: tuple[LineDraft, ...]
    reverses_key: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """What the ledger answered for one draft; `created` is false when the key was there."""

    id: int
    idem_key: str
    created: bool


def digits_of(amount: Decimal) -> int:
    """Digits after the point that the amount needs."""
    exponent = amount.normalize(EXACT).as_tuple().exponent
    if not isinstance(exponent, int):
        raise AmountNotExact(f"expected a finite amount, was {amount}")
    return max(0, -exponent)


def amount_text(amount: Decimal) -> str:
    """The amount at full scale, as it is hashed: 18 digits after the point."""
    return format(amount.quantize(Decimal(1).scaleb(-SCALE_MAX), context=EXACT), "f")


def draft_check(draft: EntryDraft) -> None:
    """Refuse what the ledger would refuse, before any round trip."""
    if len(draft.lines) < 2:
        raise EntryTooShort(f"{draft.idem_key}: expected two lines or more, was {len(draft.lines)}")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in draft.lines:
        amount_check(line.amount)
        sums[line.currency] = EXACT.add(sums[line.currency], line.amount)
    for currency, total in sums.items():
        if total != 0:
            raise EntryNotBalanced(f"{draft.idem_key}: {currency} sums to {total}, expected 0")


def amount_check(amount: Decimal) -> None:
    """Refuse zero, what is not finite and what numeric(38,18) cannot hold exactly."""
    if not amount.is_finite():
        raise AmountNotExact(f"expected a finite amount, was {amount}")
    if amount == 0:
        raise EntryTooShort("a line of zero says nothing")
    if digits_of(amount) > SCALE_MAX:
        raise AmountNotExact(f"expected at most {SCALE_MAX} digits, was {amount}")
    if amount.adjusted() >= DIGITS_MAX - SCALE_MAX:
        whole = DIGITS_MAX - SCALE_MAX
        raise AmountNotExact(f"expected at most {whole} whole digits, was {amount}")


def reversal_key(idem_key: str) -> str:
    """The one key under which an entry can be reversed."""
    return f"{idem_key}:reversed"


def reversed_kind(kind: str) -> str:
    """The kind of what takes an entry of this kind back."""
    return f"{kind}.reversed"


def reversal_of(draft: EntryDraft, *, event_at: datetime, source: str, note: str) -> EntryDraft:
    """The mirror image of a draft, bound to it by key."""
    return replace(
        draft,
        idem_key=reversal_key(draft.idem_key),
        kind=reversed_kind(draft.kind),
        event_at=event_at,
        source=source,
        lines=tuple(replace(line, amount=-line.amount) for line in draft.lines),
        reverses_key=draft.idem_key,
        note=note,
    )


def draft_as_json(draft: EntryDraft) -> dict[str, Any]:
    """The shape `treasury_post` reads; amounts are decimal strings."""
    return {
        "idem_key": draft.idem_key,
        "kind": draft.kind,
        "book": draft.book,
        "event_at": draft.event_at.isoformat(),
        "source": draft.source,
        "trace_id": draft.trace_id,
        "reverses_key": draft.reverses_key,
        "note": draft.note,
        "lines": [
            [line.account_code, line.currency, format(line.amount, "f")] for line in draft.lines
        ],
    }
