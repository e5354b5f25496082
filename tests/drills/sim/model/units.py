"""Units of investors: issued to who joins, taken back from who leaves, and paid."""

from tests.drills.sim.model.books import Books, Lines, shared
from tests.drills.sim.model.paying import CENT, INVESTOR, POLICIES, PRICE, Fund, Series, gain_of


def issued(fund: Fund, amount: int, books: Books) -> str:
    """Issue units for a deposit; why not, or ''.

    Who joins pays a price rounded up; the first one leaves what stood there to the house.
    """
    book, now = fund.account.book, books.now()
    outstanding, worth = sum(fund.units(now).values()), fund.worth(now, fund.account.floating)
    if amount > -books.balance(book, fund.transit):
        return "no deposit"
    if outstanding and worth * PRICE // outstanding <= 0:
        return "no price"
    price = -(-worth * PRICE // outstanding) if outstanding else PRICE
    units = amount * PRICE // price
    opening = 0 if outstanding else worth
    if units <= 0 or opening < 0:
        return "no unit"
    lines: Lines = {fund.transit: amount, fund.capital: -amount, fund.issued: units + opening}
    for count in [opening, units] if opening else [units]:
        number = len(fund.series) + 1
        fund.series.append(Series(number, price))
        lines[fund.held(number)] = -count
    fund.moved = books.enter(book, "units.issue", lines)
    return ""


def redeemed(fund: Fund, number: int, units: int, books: Books) -> str:
    """Take units back at a price rounded down; their gain pays the fee. Why not, or ''."""
    now = books.now()
    held, worth = fund.units(now), fund.worth(now, fund.account.floating)
    if units > held.get(number, 0):
        return "not so many"
    price = worth * PRICE // sum(held.values())
    if price <= 0:
        return "no price"
    mark = next(one.mark for one in fund.series if one.number == number)
    value = units * price // (PRICE * CENT) * CENT
    gain, shares = gain_of(units, price, mark), POLICIES[INVESTOR]
    fee = shared(gain // CENT, shares, sorted(shares))["fee"] * CENT
    lines = {
        fund.capital: value,
        fund.payable(number): fee - value,
        fund.fees: -fee,
        fund.held(number): units,
        fund.issued: -units,
    }
    fund.moved = books.enter(fund.account.book, "units.redeem", lines)
    return ""


def paid(fund: Fund, number: int, amount: int, books: Books) -> str:
    """Book a withdrawal as the payment of what a series is owed. Why not, or ''."""
    book = fund.account.book
    if amount > -books.balance(book, fund.payable(number)):
        return "not owed"
    if amount > books.balance(book, fund.transit):
        return "no withdrawal"
    books.enter(book, "units.pay", {fund.payable(number): amount, fund.transit: -amount})
    return ""
