"""What an executor tells of equity and contracts is believed only within stated factors."""

from decimal import Decimal

import pytest

from execution.risk.claims import (
    ClosedTrade,
    Contract,
    contract_doubt,
    deals_doubt,
    equity_doubt,
)
from tests.builders.entries import EURUSD

SHEET = EURUSD.sheet
LOT = Contract.of(SHEET)


def scaled(factor: str) -> Contract:
    return Contract(LOT.money_per_price * Decimal(factor), LOT.contract_size)


def test_an_equity_that_is_a_hundred_million_times_the_mornings_is_doubted() -> None:
    base = Decimal(10_400)
    assert equity_doubt(told=base * 10**8, base=base).reason == "equity_in_doubt"
    assert equity_doubt(told=base * 3, base=base) is None
    assert equity_doubt(told=base * 3 + 1, base=base) is not None
    assert equity_doubt(told=Decimal(1), base=base) is None
    assert equity_doubt(told=base, base=Decimal(0)) is None


@pytest.mark.parametrize("factor", ["0.001", "1000", "0.66", "1.51"])
def test_a_contract_that_jumps_is_doubted(factor) -> None:
    found = contract_doubt(told=scaled(factor), trusted=LOT)
    assert found.reason == "sheet_in_doubt"
    assert "money_per_price" in found.words


@pytest.mark.parametrize("factor", ["1", "0.67", "1.5", "1.02"])
def test_a_contract_that_moves_with_rates_of_exchange_is_not(factor) -> None:
    assert contract_doubt(told=scaled(factor), trusted=LOT) is None
    assert contract_doubt(told=scaled(factor), trusted=None) is None


def test_units_of_a_lot_are_held_too() -> None:
    told = Contract(LOT.money_per_price, LOT.contract_size / 100)
    assert "contract_size" in contract_doubt(told=told, trusted=LOT).words


def trade(**fields) -> ClosedTrade:
    """0.10 lots bought at 1.1 and sold 100 points higher for 10."""
    values = {
        "side": "buy",
        "lots": Decimal("0.10"),
        "price_open": Decimal("1.10000"),
        "price_close": Decimal("1.10100"),
        "profit": Decimal(10),
    }
    return ClosedTrade(**{**values, **fields})


def test_what_the_accounts_own_deals_earned_is_what_the_sheet_says() -> None:
    assert deals_doubt(sheet=SHEET, trade=trade()) is None
    assert deals_doubt(sheet=SHEET, trade=trade(side="sell", profit=Decimal(-10))) is None
    assert deals_doubt(sheet=SHEET, trade=None) is None


def test_a_sheet_that_contradicts_them_is_doubted() -> None:
    found = deals_doubt(sheet=SHEET, trade=trade(profit=Decimal(10_000)))
    assert found.reason == "sheet_in_doubt"
    assert deals_doubt(sheet=SHEET, trade=trade(profit=Decimal(1), lots=Decimal(10))) is not None
    # A gain on a move against the position tells of no contract at all.
    assert deals_doubt(sheet=SHEET, trade=trade(profit=Decimal(-10))) is not None


def test_a_move_that_is_rounded_too_coarsely_tells_nothing() -> None:
    assert deals_doubt(sheet=SHEET, trade=trade(price_close=Decimal("1.10009"))) is None
    assert deals_doubt(sheet=SHEET, trade=trade(profit=Decimal("0.99"))) is None
