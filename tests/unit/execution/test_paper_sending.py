"""What the paper executor makes of an order's terms, at the simulated broker."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from execution.paper.broker import PaperBroker
from execution.paper.requests import order_send, spread_is_too_wide, stops_are_set
from execution.paper.terms import (
    DONE,
    INVALID_EXPIRATION,
    INVALID_FILL,
    PLACED,
    PRICE_OFF,
    REQUOTE,
    PaperSymbol,
    Quote,
    Traces,
)
from execution.wire import ReportedDeal, body_of
from execution.wire.answers import LeasedOrder

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Market:
    """Prices and time that a test moves by hand."""

    def __init__(self):
        self.at = START
        self.bid = Decimal("1.10000")

    def __call__(self, symbol, at):
        return Quote(self.bid, self.bid + Decimal("0.00010")) if symbol == "EURUSD" else None

    def now(self):
        return self.at


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def make(market, tmp_path):
    made = []

    def build(**fields):
        symbol = PaperSymbol("EURUSD", 5, Decimal(100_000), **fields)
        made.append(PaperBroker(market, tmp_path, symbols=[symbol], clock=market.now))
        return made[-1]

    yield build
    for broker in made:
        broker.close()


def order(**changes):
    values = {
        "order_id": "7",
        "fence": 1,
        "event": "entry",
        "broker_symbol": "EURUSD",
        "side": "buy",
        "order_type": "market",
        "volume_lots": "0.10",
        "limit_price": None,
        "stop_price": None,
        "sl": None,
        "tp": None,
        "position_ticket": "0",
        "trace_id": "a" * 32,
        "valid_until": None,
        "lease_until": "2026-03-02T12:00:10.000Z",
        "needs_minor": 1,
    }
    return body_of(LeasedOrder, **{**values, **changes})


def limit(**changes):
    return order(order_type="limit", limit_price="1.09000", **changes)


def deals(broker):
    found = [body_of(ReportedDeal, **one) for one in broker.deals_after(0)]
    return [one for one in found if one.entry]


def distance(unit, value):
    return {"unit": unit, "value": value}


@pytest.mark.parametrize(
    ("unit", "value", "below"),
    [("points", "50", "0.00050"), ("pips", "5", "0.00050"), ("percent", "1", None)],
)
def test_stop_and_target_count_from_the_fill(make, unit, value, below):
    broker = make()
    sent = order(sl_distance=distance(unit, value), tp_distance=distance("points", "100"))
    assert order_send(broker, sent).retcode == DONE
    (deal,) = deals(broker)
    assert stops_are_set(broker, sent, deal.position_ticket)
    position = broker.position(deal.position_ticket)
    away = Decimal(below) if below else (deal.price / 100)
    assert abs(deal.price - Decimal(position["sl"]) - away) < Decimal("0.00001")
    assert Decimal(position["tp"]) - deal.price == Decimal("0.00100")


def test_a_distance_is_never_sent_as_no_stop(make):
    sent = order(broker_symbol="NOWHERE", sl_distance=distance("points", "50"))
    broker = make()
    assert order_send(broker, sent).retcode == PRICE_OFF
    assert deals(broker) == []


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_a_filling_that_the_symbol_refuses_is_not_turned_into_another(make, tif):
    others = {"ioc": ("fok",), "fok": ("ioc",)}
    broker = make(fillings=others[tif])
    assert order_send(broker, order(tif=tif)).retcode == INVALID_FILL
    assert deals(broker) == []


def test_without_a_word_the_next_filling_is_tried(make):
    broker = make(fillings=("ioc",))
    assert order_send(broker, order()).retcode == DONE
    assert len(deals(broker)) == 1


def test_no_fill_is_further_off_than_the_deviation(make):
    broker = make()
    results = [
        order_send(broker, order(order_id=str(number), deviation_points=0)).retcode
        for number in range(1, 40)
    ]
    assert set(results) == {DONE, REQUOTE}
    assert {one.price for one in deals(broker)} == {Decimal("1.10010")}


@pytest.mark.parametrize(("most", "too_wide"), [(9, True), (10, False), (None, False)])
def test_an_entry_waits_for_its_spread(make, most, too_wide):
    assert spread_is_too_wide(make(), order(spread_points_max=most)) is too_wide


@pytest.mark.parametrize(
    ("terms", "gone_after"),
    [
        ({"tif": "gtd", "good_until": "2026-03-02T12:05:00.000Z"}, timedelta(minutes=5)),
        ({"tif": "day"}, timedelta(hours=12)),
        ({"tif": "gtc"}, None),
    ],
)
def test_a_resting_order_ends_when_it_said(make, market, terms, gone_after):
    broker = make()
    assert order_send(broker, limit(**terms)).retcode == PLACED
    market.at = START + (gone_after or timedelta(days=30)) - timedelta(seconds=1)
    broker.tick()
    assert broker.look_up(7) == Traces(0, 1)
    market.at += timedelta(seconds=1)
    broker.tick()
    assert broker.look_up(7) == (Traces(0, 0, "expired") if gone_after else Traces(0, 1))


def test_a_moment_that_is_past_is_refused(make):
    sent = limit(tif="gtd", good_until="2026-03-02T11:00:00.000Z")
    assert order_send(make(), sent).retcode == INVALID_EXPIRATION
