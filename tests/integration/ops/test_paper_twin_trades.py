"""The paper executor of a twin: it trades at what the live account's broker quotes and sells."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from execution.client import ExecutorClient
from execution.models import Order, Quote, SymbolMap
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.manners import Manners
from execution.services.staging import decision_stage
from execution.services.twins import twin_begin
from fusion_project.events.clock import now
from fusion_project.ops.selectors.live_market import LiveQuotes, live_symbols
from tests.builders.execution import account_follow, desk_make, key_make
from tests.builders.risk import live_make, quote_tell


def live_desk():
    desk = desk_make()
    live_make(desk)
    return desk


@pytest.fixture
def live(db):
    return live_desk()


def twin_account(live, **fields):
    account = account_follow(live.strategy, **fields)
    twin_begin(account_id=account.id, live_id=live.account.id, actor="user:1")
    return account


def test_a_live_symbol_is_sold_as_its_broker_sells_it(live):
    sheet = {"digits": 3, "tick_size": "0.001", "tick_value": "0.65", "contract_size": "100000"}
    rows = SymbolMap.objects.filter(account=live.account)
    confirmation = rows.get().confirmation
    rows.update(confirmation=None)
    rows.update(**sheet, lot_max=Decimal(7))
    rows.update(confirmation=confirmation)
    (symbol,) = live_symbols(live.account.id)
    assert (symbol.symbol, symbol.digits, symbol.lot_max) == ("EURUSD", 3, Decimal(7))
    assert Decimal(symbol.sheet()["tick_value"]) == Decimal("0.65")


def test_what_nobody_has_confirmed_is_not_sold(live):
    SymbolMap.objects.filter(account=live.account).update(gone_at=now())
    assert live_symbols(live.account.id) == []


def test_a_quote_of_the_live_broker_is_good_for_fifteen_seconds(live):
    quote_tell(live.account, "1.10000", "1.10010")
    told = Quote.objects.get(symbol_map__account=live.account)
    quotes, at = LiveQuotes(live.account.id), min(told.quoted_at, told.heard_at)
    found = quotes("EURUSD", at + timedelta(seconds=15))
    assert found is not None
    assert (found.bid, found.ask) == (Decimal("1.10000"), Decimal("1.10010"))
    assert quotes("EURUSD", at + timedelta(seconds=16)) is None
    assert quotes("GBPUSD", at) is None


def test_a_twin_trades_the_live_accounts_decision_at_its_brokers_price(live_url, tmp_path):
    live = live_desk()
    paper = twin_account(live, server="Paper", login="77", equity=None, balance=None)
    broker = PaperBroker(
        LiveQuotes(live.account.id),
        tmp_path,
        symbols=live_symbols(live.account.id),
        manners=Manners(slippage_points_max=0),
    )
    journal = Journal(tmp_path / "executor.sqlite3")
    seconds = [0.0]
    executor = PaperExecutor(
        client=ExecutorClient(live_url, key_make(paper).text),
        broker=broker,
        journal=journal,
        server="Paper",
        login="77",
        monotonic=lambda: seconds[0],
    )
    quote_tell(live.account, "1.23400", "1.23450")
    for _ in range(3):
        executor.step()
        seconds[0] += 3
    decision_stage(decision_id=live.decide(ref_price="1.23450", sl="1.20000").id)
    order = Order.objects.get(account=paper)
    assert (order.state, order.reason) == ("staged", "")
    executor.step()
    order.refresh_from_db()
    assert order.state == "filled"
    assert paper.positions.get().price_open == Decimal("1.23450")
    broker.close()
    journal.close()


def command(login, tmp_path, **changed):
    key = tmp_path / "key"
    key.write_text("abc.def\n")
    given = {"key_file": key, "home": tmp_path / "home", "base_url": "http://127.0.0.1:9"}
    return call_command("paper_executor", login, **{**given, **changed})


def test_the_command_runs_for_twins_alone_and_says_what_is_missing(live, tmp_path):
    loose = account_follow(live.strategy)
    with pytest.raises(CommandError, match="is no twin"):
        command(loose.login, tmp_path)
    paper = twin_account(live)
    with pytest.raises(CommandError, match="No such file"):
        command(paper.login, tmp_path, key_file=tmp_path / "none")
    with pytest.raises(CommandError, match="mood"):
        command(paper.login, tmp_path, manners="mood=bad")
    SymbolMap.objects.filter(account=live.account).update(gone_at=now())
    with pytest.raises(CommandError, match="no confirmed symbol"):
        command(paper.login, tmp_path)
