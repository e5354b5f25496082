"""What an executor says of equity and contracts is a claim: how far it may jump. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from execution.risk.limits import Breach, breach, number_words
from execution.rules.sizing import ContractSheet

# A day's equity, deposits and withdrawals left out, rises by no more than this.
EQUITY_FACTOR_MAX: Final = Decimal(3)
# What one lot gains for a price that rises by 1, against what a person or the first hello told.
SHEET_FACTOR_MAX: Final = Decimal("1.5")
# The same against the account's own closed positions: rates of exchange move meanwhile.
DEALS_FACTOR_MAX: Final = Decimal(2)
# A move of fewer ticks, or a profit of less money, is rounded too coarsely to tell a contract by.
_TICKS_MIN: Final = 10
_PROFIT_MIN: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Contract:
    """What sizes hang on: money of a lot for a price that rises by 1, and units of a lot."""

    money_per_price: Decimal
    contract_size: Decimal

    @classmethod
    def of(cls, sheet: ContractSheet) -> "Contract":
        return cls(sheet.money_per_price, sheet.contract_size)


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """One closed position of the account; `profit` in its money, without swap and commission."""

    side: str
    lots: Decimal
    price_open: Decimal
    price_close: Decimal
    profit: Decimal

    def money_per_price(self, tick_size: Decimal) -> Decimal | None:
        """Profit ÷ price move ÷ lots; None where the move is too small to tell."""
        move = self.price_close - self.price_open
        gain = move if self.side == "buy" else -move
        if abs(move) < tick_size * _TICKS_MIN or abs(self.profit) < _PROFIT_MIN or not self.lots:
            return None
        return self.profit / gain / self.lots


def equity_doubt(*, told: Decimal, base: Decimal) -> Breach | None:
    """Say why this equity is not taken over; `base` is the day's first, with what was paid in.

    A fall is no doubt: it makes entries smaller, and the limits of losses look at it.
    """
    if base <= 0 or told <= base * EQUITY_FACTOR_MAX:
        return None
    bound = f"{EQUITY_FACTOR_MAX} times {number_words(base)}"
    return breach("equity_in_doubt", "equity", number_words(told), bound)


def contract_doubt(*, told: Contract, trusted: Contract | None) -> Breach | None:
    """Say why this contract is not taken over; None where nothing was known before."""
    if trusted is None:
        return None
    for name in ("money_per_price", "contract_size"):
        was, is_now = getattr(trusted, name), getattr(told, name)
        if not _is_near(is_now, was, SHEET_FACTOR_MAX):
            return _sheet_breach(name, is_now, was, SHEET_FACTOR_MAX)
    return None


def deals_doubt(*, sheet: ContractSheet, trade: ClosedTrade | None) -> Breach | None:
    """Say why the sheet contradicts what the account's own deals earned."""
    earned = trade.money_per_price(sheet.tick_size) if trade else None
    if earned is None or _is_near(sheet.money_per_price, earned, DEALS_FACTOR_MAX):
        return None
    return _sheet_breach("money_per_price", sheet.money_per_price, earned, DEALS_FACTOR_MAX)


def _is_near(told: Decimal, known: Decimal, factor: Decimal) -> bool:
    return known > 0 and known / factor <= told <= known * factor


def _sheet_breach(name: str, told: Decimal, known: Decimal, factor: Decimal) -> Breach:
    bound = f"{number_words(known)} within a factor of {factor}"
    return breach("sheet_in_doubt", name, number_words(told), bound)
