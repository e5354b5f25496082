"""Units of one book: points issued, and what has accrued for DCT, with their full names."""

from dataclasses import dataclass
from decimal import Decimal

from execution.models import BrokerAccount
from fusion_project.community import policy
from fusion_project.text.formats import grouped, signed, tone
from tokens.selectors.supply import TokenSupply, accrual_get, supply_list

_ACCRUING = "DCT"
_ACCRUAL_NOTE = "A record of shares of net results; no DCT moves."
_NOTES = {
    "DAI": "Points for the quality of the decision behind each closed trade.",
    "DA": "Points for the quality of its execution.",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's sum; `amount` is None where nothing was posted yet."""

    title: str
    amount: str | None
    unit: str
    note: str
    tone: str = ""


def unit_list(*, book: str) -> list[Unit]:
    """DAI, DA, and the DCT accrual in each account currency."""
    units = [_issued(one) for one in supply_list(book=book) if one.code in _NOTES]
    currencies = BrokerAccount.objects.filter(book=book).values_list("currency", flat=True)
    accruals = [_accrued(book, one) for one in sorted(set(currencies))] or [_nothing_accrued()]
    return [*sorted(units, key=lambda one: one.title, reverse=True), *accruals]


def _issued(supply: TokenSupply) -> Unit:
    amount = grouped(supply.issued, places=4) if supply.issued else None
    title = policy.UNIT_TITLES[supply.code]
    return Unit(title, amount, supply.code, _NOTES[supply.code])


def _accrued(book: str, currency: str) -> Unit:
    shares = accrual_get(book=book, currency=currency)
    total = sum(shares.values(), Decimal(0))
    title = policy.UNIT_TITLES[_ACCRUING]
    if not any(shares.values()):
        return _nothing_accrued()
    parts = ", ".join(f"{name} {signed(amount)}" for name, amount in shares.items())
    note = f"{parts}. {_ACCRUAL_NOTE}"
    return Unit(title, signed(total), currency, note, tone(total))


def _nothing_accrued() -> Unit:
    return Unit(policy.UNIT_TITLES[_ACCRUING], None, "", _ACCRUAL_NOTE)
