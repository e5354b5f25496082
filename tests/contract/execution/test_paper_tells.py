"""What the paper executor tells a server of minor 2, one of minor 0, and how it obeys."""

from decimal import Decimal

import pytest

from execution.client import ExecutorClient
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.terms import PaperSymbol, Quote
from execution.wire.fields import API_MINOR
from tests.contract.execution.test_executor_schema import (
    HELLO_ANSWER,
    VALIDATORS,
    Server,
    leased,
    wire_reads,
)

OF_MINOR_0 = {
    "hello": {
        *("instance", "boot_nonce", "server", "login", "currency", "margin_mode", "versions"),
        *("balance", "equity", "symbols", "api_minor"),
    },
    "heartbeat": {
        *("instance", "boot_nonce", "balance", "equity", "margin", "watermark", "open_tickets"),
    },
}
SHEET_OF_MINOR_0 = {
    *("symbol", "digits", "tick_size", "tick_value", "contract_size"),
    *("lot_min", "lot_step", "lot_max", "stops_level_points"),
}


class Scripted(Server):
    """A server of some minor."""

    def __init__(self, minor, polls):
        super().__init__(polls)
        self.minor = minor

    def hello(self, body):
        return {**HELLO_ANSWER, "api_minor": self.minor}

    def told(self, name):
        return [body for call, body in self.requests if call == name]

    def reports_told(self):
        return [one for body in self.told("reports") for one in body["reports"]]


@pytest.fixture
def run(tmp_path):
    """Let a paper executor take as many steps as there are polls, 3 s apart."""
    opened = []

    def steps(minor, *polls):
        server = Scripted(minor, list(polls))
        quotes = {"EURUSD": Quote(Decimal("1.1"), Decimal("1.1001"))}
        broker = PaperBroker(
            lambda name, _: quotes.get(name),
            tmp_path,
            symbols=[PaperSymbol("EURUSD", 5, Decimal(100_000))],
        )
        journal = Journal(tmp_path / "executor.sqlite3")
        opened.extend([broker, journal])
        seconds = [0.0]
        executor = PaperExecutor(
            client=ExecutorClient("http://server", "key", transport=server),
            broker=broker,
            journal=journal,
            server="Paper",
            login="1",
            monotonic=lambda: seconds[0],
        )
        for _ in polls:
            executor.step()
            seconds[0] += 3
        for name, body in server.requests:
            VALIDATORS[name].validate(body)
            assert wire_reads(name, body)
        return server, broker

    yield steps
    for one in opened:
        one.close()


def handed_out(*orders):
    permitted = [{"order_id": one["order_id"], "fence": 1} for one in orders]
    return {"orders": list(orders), "permitted": permitted}


def market():
    return leased("1", sl="1.05000", tp="1.20000")


def resting():
    return leased("2", order_type="limit", limit_price="1.00000", sl="0.95000")


def test_a_server_of_minor_2_is_told_all_that_the_terminal_shows(run):
    server, broker = run(2, handed_out(market(), resting()), {})
    first, second = server.told("hello")
    assert set(first) <= OF_MINOR_0["hello"]
    assert first["api_minor"] == API_MINOR
    assert set(first["symbols"][0]) <= SHEET_OF_MINOR_0
    assert second["trade_mode"] == "demo"
    assert second["symbols"][0]["trade_mode"] == "full"
    beats = server.told("heartbeat")
    assert [one["number"] for one in beats] == [1, 2]
    (position,), (pending,) = beats[0]["positions"], beats[0]["pendings"]
    assert (position["sl"], position["tp"]) == ("1.05", "1.2")
    assert (pending["magic"], pending["kind"], pending["price"]) == ("2", "buy_limit", "1")
    assert beats[0]["quotes"][0]["bid"] == "1.1"
    assert Decimal(beats[0]["floating"]) == Decimal(beats[0]["equity"]) - Decimal(
        beats[0]["balance"]
    )
    told = {(one["kind"], one.get("order_id")): one for one in server.reports_told()}
    assert told["working", "2"]["broker_order_ticket"] == pending["broker_order_ticket"]
    deal = next(one["deal"] for one in server.reports_told() if one["kind"] == "deal")
    assert broker.positions()[0]["ticket"] == int(position["position_ticket"])
    assert "sl" not in deal  # the opening deposit
    deals = [one["deal"] for one in server.reports_told() if one["kind"] == "deal"]
    assert (deals[1]["sl"], deals[1]["tp"]) == ("1.05", "1.2")


@pytest.mark.parametrize("minor", [0, 1])
def test_a_server_below_minor_2_is_told_nothing_that_it_would_refuse(run, minor):
    server, _ = run(minor, handed_out(market(), resting()), {})
    (hello,) = server.told("hello")
    assert set(hello) <= OF_MINOR_0["hello"]
    for beat in server.told("heartbeat"):
        assert set(beat) <= OF_MINOR_0["heartbeat"]
    later = {"broker_order_ticket", "code", "deal_ticket"}
    assert [one for one in server.reports_told() if later & set(one)] == []
    deals = [one["deal"] for one in server.reports_told() if one["kind"] == "deal"]
    assert [one for one in deals if {"sl", "tp"} & set(one)] == []


def test_kill_takes_back_what_rests_and_nothing_else(run):
    kill = {"order_id": "0", "fence": 0, "command": "kill"}
    server, broker = run(
        2, handed_out(market(), resting()), {"desired": [kill]}, {"desired": [kill]}
    )
    assert broker.pendings() == []
    assert len(broker.positions()) == 1
    kinds = [(one["kind"], one.get("order_id")) for one in server.reports_told()]
    assert kinds.count(("cancelled", "2")) == 1
    assert not any(order_id == "0" for _, order_id in kinds)


def test_close_closes_the_position_that_is_named_once(run):
    def desired(ticket):
        one = {"order_id": "0", "fence": 0, "command": "close", "position_ticket": str(ticket)}
        return {"desired": [one]}

    server, broker = run(2, handed_out(market()))
    ticket = broker.positions()[0]["ticket"]
    server, broker = run(2, desired(ticket + 1), desired(ticket), desired(ticket))
    assert broker.positions() == []
    deals = [one["deal"] for one in server.reports_told() if one["kind"] == "deal"]
    assert [(one["entry"], one.get("magic", "0")) for one in deals] == [("out", "0")]
