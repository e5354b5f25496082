"""Netting accounts: merged positions, reversals, tickets that change while the identifier stays."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from execution.models import BrokerAccount
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.fixture
def netting(bench_make: Callable[..., Bench]) -> Bench:
    bench = bench_make(account={"margin_mode": "retail_netting"}, desk={"margin_mode": "netting"})
    bench.seconds(WARM_UP)
    assert BrokerAccount.objects.get().instance != ""
    return bench


def test_an_entry_and_its_exit_on_a_netting_account(netting: Bench) -> None:
    entry = netting.stage()
    netting.filled(entry)
    closing = netting.stage("exit", side="sell")
    netting.filled(closing)
    assert netting.truth().positions == []
    netting.end()


def test_a_manual_trade_beside_ours_merges_and_is_told(netting: Bench) -> None:
    entry = netting.stage(lots="0.10")
    netting.filled(entry)
    netting.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.10"))
    netting.seconds(4)
    (position,) = netting.truth().positions
    assert position["volume"] == "0.2"
    assert position["sl"] != "0"
    netting.seconds(6)


def test_an_exit_finds_a_position_whose_ticket_changed(bench: Bench) -> None:
    """As when a broker closes and opens it anew for swap: another ticket, one identifier."""
    entry = bench.stage()
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("reopen", id=position["id"])
    bench.seconds(2)
    (reopened,) = bench.truth().positions
    assert reopened["ticket"] != reopened["id"]
    closing = bench.stage("exit", side="sell")
    bench.until(lambda: bench.truth().positions == [])
    bench.seconds(6)
    assert bench.state(closing) in ("filled", "done")


def test_a_terminal_that_refuses_netting_takes_no_entry(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(
        account={"margin_mode": "retail_netting"},
        desk={"margin_mode": "netting"},
        RefuseNetting=True,
    )
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.message == "netting_account"
