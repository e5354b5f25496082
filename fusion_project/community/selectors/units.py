"""Units of one book: points issued, and what has accrued for DCT, with their full names."""

from dataclasses import dataclass
from decimal import Decimal

from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.community.presenting.line import Unposted, unposted_words
from fusion_project.community.selectors.closed import closed_positions
from fusion_project.text.formats import grouped, signed_exact, tone
from tokens.selectors.supply import (
    TokenSupply,
    accrual_get,
    accrual_open_positions,
    accrued_by_position,
    supply_list,
)
from treasury.selectors.cash import CashBook

_POINTS, _ACCRUING = ("DAI", "DA"), "DCT"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's sum; `amount` is None where nothing was posted yet."""

    title: str
    amount: str | None
    unit: str
    note: str
    tone: str = ""


def unit_list(*, book: str, cash: CashBook, as_of: AsOf) -> list[Unit]:
    """DAI, DA, and the DCT accrual in each currency of a closed trade."""
    supplies = supply_list(book=book, recorded_until=as_of.at)
    issued = [_issued(one) for one in supplies if one.code in _POINTS]
    open_ids = {
        *cash.positions_anew,
        *accrual_open_positions(
            book=book, since_entry_id=cash.since_entry_id, recorded_until=as_of.at
        ),
    }
    accruals = [
        _accrued(book=book, currency=line.currency, open_ids=open_ids, as_of=as_of)
        for line in cash.lines
        if line.whole.trades
    ]
    issued.sort(key=lambda one: one.title, reverse=True)
    return [*issued, *(accruals or [_nothing_accrued("")])]


def _issued(supply: TokenSupply) -> Unit:
    amount = grouped(supply.issued, places=4) if supply.issued else None
    title = policy.UNIT_TITLES[supply.code]
    return Unit(title, amount, supply.code, policy.UNIT_WORDS[supply.code])


def _accrued(*, book: str, currency: str, open_ids: set[int], as_of: AsOf) -> Unit:
    shares = accrual_get(book=book, currency=currency, recorded_until=as_of.at)
    lacking = _unposted(book=book, currency=currency, open_ids=open_ids, as_of=as_of)
    behind = f" {unposted_words(lacking, currency)}" if lacking else ""
    if not any(shares.values()):
        return _nothing_accrued(behind)
    total = sum(shares.values(), Decimal(0))
    parts = ", ".join(f"{name} {signed_exact(amount)}" for name, amount in shares.items())
    note = f"{parts}. {policy.UNIT_WORDS[_ACCRUING]}{behind}"
    return Unit(policy.UNIT_TITLES[_ACCRUING], signed_exact(total), currency, note, tone(total))


def _unposted(*, book: str, currency: str, open_ids: set[int], as_of: AsOf) -> Unposted | None:
    """Trades whose net result has not accrued as it stands, and accruals of what is no trade now.

    Only positions that are not settled are asked; all others have accrued what they earned.
    """
    posted = accrued_by_position(
        book=book, currency=currency, position_ids=open_ids, recorded_until=as_of.at
    )
    nets = {
        one.pk: one.net_of_ours
        for one in closed_positions(ids=sorted(open_ids), as_of=as_of)
        if one.order_id is not None and (one.account.book, one.account.currency) == (book, currency)
    }
    nothing = Decimal(0)
    every = [nets.get(key, nothing) - posted.get(key, nothing) for key in nets | posted]
    lacking = [one for one in every if one]
    return Unposted(len(lacking), sum(lacking, Decimal(0))) if lacking else None


def _nothing_accrued(behind: str) -> Unit:
    return Unit(policy.UNIT_TITLES[_ACCRUING], None, "", f"{policy.UNIT_WORDS[_ACCRUING]}{behind}")
