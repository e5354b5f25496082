"""Units of one book: points issued, and what has accrued for DCT, with their full names."""

from dataclasses import dataclass
from decimal import Decimal

from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.community.presenting.line import unposted_words
from fusion_project.community.selectors.closed import ClosedTrade
from fusion_project.community.selectors.lines import unposted
from fusion_project.text.formats import grouped, signed_exact, tone
from tokens.selectors.supply import TokenSupply, accrual_get, accrued_by_position, supply_list

_POINTS, _ACCRUING = ("DAI", "DA"), "DCT"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's sum; `amount` is None where nothing was posted yet."""

    title: str
    amount: str | None
    unit: str
    note: str
    tone: str = ""


def unit_list(*, book: str, closed: list[ClosedTrade], as_of: AsOf) -> list[Unit]:
    """DAI, DA, and the DCT accrual in each currency of a closed trade."""
    supplies = supply_list(book=book, recorded_until=as_of.at)
    issued = [_issued(one) for one in supplies if one.code in _POINTS]
    currencies = sorted({one.currency for one in closed})
    accruals = [
        _accrued(book=book, currency=currency, closed=closed, as_of=as_of)
        for currency in currencies
    ]
    issued.sort(key=lambda one: one.title, reverse=True)
    return [*issued, *(accruals or [_nothing_accrued("")])]


def _issued(supply: TokenSupply) -> Unit:
    amount = grouped(supply.issued, places=4) if supply.issued else None
    title = policy.UNIT_TITLES[supply.code]
    return Unit(title, amount, supply.code, policy.UNIT_WORDS[supply.code])


def _accrued(*, book: str, currency: str, closed: list[ClosedTrade], as_of: AsOf) -> Unit:
    shares = accrual_get(book=book, currency=currency, recorded_until=as_of.at)
    posted = accrued_by_position(book=book, currency=currency, recorded_until=as_of.at)
    same = [one for one in closed if one.currency == currency]
    lacking = unposted(closed=same, posted=posted)
    behind = f" {unposted_words(lacking, currency)}" if lacking else ""
    if not posted and not any(shares.values()):
        return _nothing_accrued(behind)
    total = sum(shares.values(), Decimal(0))
    parts = ", ".join(f"{name} {signed_exact(amount)}" for name, amount in shares.items())
    note = f"{parts}. {policy.UNIT_WORDS[_ACCRUING]}{behind}"
    return Unit(policy.UNIT_TITLES[_ACCRUING], signed_exact(total), currency, note, tone(total))


def _nothing_accrued(behind: str) -> Unit:
    return Unit(policy.UNIT_TITLES[_ACCRUING], None, "", f"{policy.UNIT_WORDS[_ACCRUING]}{behind}")
