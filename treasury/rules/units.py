"""Units of an account that investors hold: their price, and what a series has earned. Pure.

A series is what one holder took at one time, with a high-water mark of its own, so that who joins
late pays for no gain of others (ADR 0026). Money that flows in or out changes units and net asset
value together, never the price of a unit.
"""

from dataclasses import dataclass
from decimal import Decimal

from fusion_project.text.canonical import decimal_text as plain
from treasury.errors import UnitsRefused
from treasury.rules.allocation import rounded_down, rounded_up
from treasury.rules.drafts import EXACT

UNIT_DIGITS = 8
PRICE_DIGITS = 12
FIRST_PRICE = Decimal(1)
# What a policy of units gives: to the holder, back into the account, and to the house.
PAYOUT, REINVEST, FEE = UNIT_SHARES = ("payout", "reinvest", "fee")


@dataclass(frozen=True, slots=True)
class Series:
    """One series as it stands: its units, and the price above which it has earned."""

    number: int
    units: Decimal
    mark: Decimal


def unit_price(nav: Decimal, units: Decimal) -> Decimal:
    """Net asset value per unit, rounded down; the first units cost 1. Raises UnitsRefused."""
    if units == 0:
        return FIRST_PRICE
    price = rounded_down(EXACT.divide(nav, units), PRICE_DIGITS)
    if price <= 0:
        raise UnitsRefused(f"the account's net value is {plain(nav)}; its units have no price")
    return price


def issue_price(nav: Decimal, units: Decimal) -> Decimal:
    """What a unit costs who joins: rounded up, so that nobody else's value falls."""
    if units == 0:
        return FIRST_PRICE
    unit_price(nav, units)
    return rounded_up(EXACT.divide(nav, units), PRICE_DIGITS)


def units_for(amount: Decimal, price: Decimal) -> Decimal:
    """Units that `amount` buys at the price of who joins, rounded down."""
    return rounded_down(EXACT.divide(amount, price), UNIT_DIGITS)


def money_for(units: Decimal, price: Decimal, *, digits: int) -> Decimal:
    """What `units` are worth, rounded down."""
    return rounded_down(EXACT.multiply(units, price), digits)


def units_cancelled(amount: Decimal, price: Decimal, units: Decimal) -> Decimal:
    """Units that go for money paid out of a series, rounded up, at most all of them."""
    return min(units, rounded_up(EXACT.divide(amount, price), UNIT_DIGITS))


def gain_of(series: Series, price: Decimal, *, digits: int) -> Decimal:
    """What the units of a series have earned above its mark, rounded down; never below zero."""
    above = EXACT.subtract(price, series.mark)
    if above <= 0:
        return Decimal(0)
    return rounded_down(EXACT.multiply(series.units, above), digits)
