"""What hello lists of symbols: an odd one costs itself alone, one that is gone takes no entries."""

import pytest

from execution.models import SymbolMap
from execution.selectors.symbols import contract_sheet
from tests.builders.execution import desk_make
from tests.contract.execution.calls import hello_body
from tests.contract.execution.scripted import Scripted, kinds_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea():
    return Scripted(desk_make(), boot_nonce="run-1")


def sheet(desk, symbol, **changes):
    return {**hello_body(desk)["symbols"][0], "symbol": symbol, **changes}


@pytest.mark.parametrize(
    "changes", [{"tick_value": "0"}, {"lot_step": "0"}, {"digits": 99}, {"surprise": 1}]
)
def test_an_odd_symbol_costs_that_symbol_and_not_the_hello(ea, changes):
    odd = sheet(ea.desk, "Volatility 75 Index", **changes)
    answer = ea.hello(symbols=[odd, sheet(ea.desk, "EURUSD")])
    assert answer.status_code == 200
    assert [one["symbol"] for one in answer.json()["refused_symbols"]] == ["Volatility 75 Index"]
    assert ea.desk.stage().state == "staged"


@pytest.mark.parametrize("symbol", ["Volatility 75 Index", "EURUSD@", "XAUUSD..", "#AAPL"])
def test_odd_names_are_names(ea, symbol):
    assert ea.hello(symbols=[sheet(ea.desk, symbol)]).json().get("refused_symbols", []) == []
    assert SymbolMap.objects.filter(broker_symbol=symbol).exists()


def test_a_symbol_that_hello_no_longer_lists_takes_no_entries(ea):
    position = ea.opens()
    ea.hello(symbols=[sheet(ea.desk, "GBPUSD")])
    refused = ea.desk.stage()
    assert (refused.state, refused.reason) == ("rejected", "no_contract_sheet")
    assert kinds_open() == {"symbol.gone"}
    # What is open there is still valued by the sheet that was told last.
    assert contract_sheet(SymbolMap.objects.get(broker_symbol="EURUSD")) is not None
    leave = ea.desk.stage("exit", side="sell")
    assert (leave.state, leave.position_ticket) == ("staged", position.position_ticket)
    ea.hello()
    assert ea.desk.stage().state == "staged"
    assert kinds_open() == set()


def test_a_mapped_symbol_whose_sheet_is_odd_now_takes_no_entries(ea):
    ea.hello(symbols=[sheet(ea.desk, "EURUSD", tick_value="0"), sheet(ea.desk, "GBPUSD")])
    assert ea.desk.stage().reason == "no_contract_sheet"
    assert kinds_open() == {"symbol.gone"}


def test_a_hello_without_sheets_says_nothing_of_symbols(ea):
    ea.hello(symbols=[])
    assert ea.desk.stage().state == "staged"


def test_a_terminal_of_another_account_is_an_incident(ea):
    assert ea.hello(login="9").status_code == 409
    assert kinds_open() == {"executor.misplaced"}
