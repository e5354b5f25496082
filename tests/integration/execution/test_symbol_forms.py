"""No form of a chart symbol trades before a person has confirmed which broker symbol it means."""

from __future__ import annotations

from typing import Any

import pytest

from execution.models import Order
from execution.services.subscriptions import subscription_create
from execution.services.symbols import symbol_map_propose
from tests.builders.execution import Desk, desk_make
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.factories.execution import SymbolMapFactory

pytestmark = pytest.mark.django_db

FORMS = {
    "CME_MINI_DL:ES1!": "ES1!",
    "CME_MINI:ES2!": "ES2!",
    "BINANCE:BTCUSDT.P": "BTCUSDT.P",
    "NSE_DLY:SBIN": "SBIN",
    "EURUSD+": "EURUSD+",
    "#US30": "#US30",
    "US30$": "US30$",
    "EURUSD#": "EURUSD#",
}


@pytest.fixture
def built() -> BuiltStrategy:
    return strategy_built()


@pytest.fixture
def desk(built: BuiltStrategy) -> Desk:
    """An account that follows the strategy and has EURUSD confirmed, nothing else."""
    made = desk_make()
    subscription_create(strategy_id=built.strategy.id, account_id=made.account.id)
    return made


def entry_sent(built: BuiltStrategy, symbol: str) -> None:
    body = f'{{"symbol": "{symbol}", "side": "buy", "price": 1.1, "sl_price": 1.099, "lots": 0.1}}'
    answer = alert_received(built, body.encode())
    assert answer.status == 202, answer


@pytest.mark.parametrize(("symbol_raw", "instrument"), FORMS.items())
def test_a_form_trades_neither_unmapped_nor_unconfirmed(
    built: BuiltStrategy, desk: Desk, run_handlers: Any, symbol_raw: str, instrument: str
) -> None:
    entry_sent(built, symbol_raw)
    run_handlers()
    order = Order.objects.get()
    assert (order.state, order.reason) == ("rejected", "symbol_not_mapped")
    symbol_map_propose(
        account_id=desk.account.id, instrument=instrument, broker_symbol="SOMETHING.x"
    )
    entry_sent(built, symbol_raw + " ")
    run_handlers()
    order = Order.objects.order_by("-id")[0]
    assert (order.state, order.reason) == ("rejected", "symbol_not_confirmed")
    assert desk.poll().orders == []


def test_a_confirmed_form_trades_as_the_broker_symbol_that_was_confirmed(
    built: BuiltStrategy, desk: Desk, run_handlers: Any
) -> None:
    SymbolMapFactory(account=desk.account, instrument="EURUSD+", broker_symbol="EURUSD.x")
    entry_sent(built, "EURUSD+")
    run_handlers()
    order = Order.objects.get()
    assert (order.state, order.reason, order.broker_symbol) == ("staged", "", "EURUSD.x")
