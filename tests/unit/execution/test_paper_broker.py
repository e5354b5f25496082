"""The simulated broker, without a server."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from execution.paper.broker import PaperBroker
from execution.paper.terms import PaperSymbol, Quote, Traces, TradeRequest

EURUSD = PaperSymbol("EURUSD", 5, Decimal(100_000))


class Market:
    """Prices and time that a test moves by hand."""

    def __init__(self):
        self.at = datetime(2026, 3, 2, 12, tzinfo=UTC)
        self.bid = Decimal("1.10000")
        self.spread = Decimal("0.00010")

    def __call__(self, symbol, at):
        return Quote(self.bid, self.bid + self.spread) if symbol == "EURUSD" else None

    def now(self):
        return self.at


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def broker(market, tmp_path):
    made = PaperBroker(market, tmp_path, symbols=[EURUSD], clock=market.now)
    yield made
    made.close()


def buy(magic=1, lots="0.10", **fields):
    return TradeRequest("open", magic, "EURUSD", "buy", Decimal(lots), **fields)


def deals(broker):
    return broker.deals_after(0)


def test_the_first_deal_is_the_opening_deposit(broker):
    (deposit,) = deals(broker)
    assert (deposit["kind"], deposit["profit"]) == ("balance", "10000")
    assert broker.account()["balance"] == "10000"


def test_a_second_start_makes_no_second_deposit(market, broker, tmp_path):
    again = PaperBroker(market, tmp_path, symbols=[EURUSD], clock=market.now)
    assert len(deals(again)) == 1
    again.close()


def test_a_buy_fills_at_the_ask_or_a_little_worse_and_pays_commission(broker):
    assert broker.send(buy()).is_success
    deal = deals(broker)[-1]
    assert Decimal("1.10010") <= Decimal(deal["price"]) <= Decimal("1.10013")
    assert (deal["entry"], deal["magic"], deal["commission"]) == ("in", "1", "-0.3")


def test_the_same_seed_gives_the_same_fill(market, tmp_path):
    prices = []
    for name in ("a", "b"):
        broker = PaperBroker(market, tmp_path / name, symbols=[EURUSD], clock=market.now)
        broker.send(buy(magic=77))
        prices.append(deals(broker)[-1]["price"])
        broker.close()
    assert prices[0] == prices[1]


def test_what_is_not_quoted_is_refused_with_no_quote(broker):
    result = broker.send(TradeRequest("open", 1, "NOSUCH", "buy", Decimal("0.10")))
    assert (result.is_success, result.message) == (False, "no quote")
    assert len(deals(broker)) == 1


def test_a_volume_off_the_step_is_refused(broker):
    assert broker.send(buy(lots="0.105")).message == "invalid volume"


def test_a_stop_on_the_wrong_side_is_refused(broker):
    assert broker.send(buy(sl=Decimal("1.20000"))).message == "invalid stops"


def test_a_position_larger_than_the_money_is_refused(broker):
    assert broker.send(buy(lots="50")).message == "no money"


def test_the_stop_closes_at_the_market_and_bears_the_entry_magic(broker, market):
    broker.send(buy(sl=Decimal("1.09500")))
    market.bid = Decimal("1.09450")
    broker.tick()
    deal = deals(broker)[-1]
    assert (deal["entry"], deal["reason"], deal["price"]) == ("out", "sl", "1.0945")
    assert deal["magic"] == "1"
    assert broker.account()["open_tickets"] == []


def test_the_target_closes_at_its_own_price(broker, market):
    broker.send(buy(tp=Decimal("1.10500")))
    market.bid = Decimal("1.10600")
    broker.tick()
    assert deals(broker)[-1]["price"] == "1.105"


def test_the_balance_is_the_sum_of_all_deals(broker, market):
    broker.send(buy(magic=1))
    broker.send(buy(magic=2, lots="0.30"))
    ticket = int(broker.account()["open_tickets"][1])
    market.bid += Decimal("0.00200")
    broker.send(TradeRequest("close", 3, "EURUSD", "sell", Decimal("0.10"), position_ticket=ticket))
    broker.send(TradeRequest("close", 4, "EURUSD", "sell", position_ticket=ticket))
    money = sum(
        Decimal(deal.get(name, "0"))
        for deal in deals(broker)
        for name in ("profit", "swap", "commission")
    )
    assert Decimal(broker.account()["balance"]) == money


def test_swap_is_charged_for_every_night(broker, market):
    broker.tick()
    broker.send(buy(lots="1.00"))
    market.at += timedelta(days=2)
    broker.tick()
    ticket = int(broker.account()["open_tickets"][0])
    broker.send(TradeRequest("close", 3, "EURUSD", "sell", position_ticket=ticket))
    assert deals(broker)[-1]["swap"] == "-2.4"


def test_a_partial_close_leaves_the_rest(broker):
    broker.send(buy(lots="0.30"))
    ticket = int(broker.account()["open_tickets"][0])
    broker.send(TradeRequest("close", 3, "EURUSD", "sell", Decimal("0.10"), position_ticket=ticket))
    assert broker.account()["open_tickets"] == [str(ticket)]
    assert broker.send(
        TradeRequest("close", 4, "EURUSD", "sell", position_ticket=ticket)
    ).is_success
    assert deals(broker)[-1]["volume_lots"] == "0.2"


def test_a_limit_order_rests_until_its_price_comes(broker, market):
    limit = Decimal("1.09900")
    request = TradeRequest("pending", 9, "EURUSD", "buy", Decimal("0.10"), limit_price=limit)
    broker.send(request)
    broker.tick()
    assert broker.look_up(9).pendings == 1
    market.bid = Decimal("1.09850")
    broker.tick()
    assert (broker.look_up(9).pendings, broker.look_up(9).deals) == (0, 1)


def test_a_cancelled_resting_order_never_fills(broker, market):
    request = TradeRequest(
        "pending", 9, "EURUSD", "buy", Decimal("0.10"), limit_price=Decimal("1.09900")
    )
    broker.send(request)
    assert broker.send(TradeRequest("remove", 9, "EURUSD", "buy")).is_success
    market.bid = Decimal("1.09000")
    broker.tick()
    assert broker.look_up(9) == Traces(0, 0, "cancelled")


def test_deal_times_rise_with_their_tickets_within_one_millisecond(broker):
    for magic in range(1, 6):
        broker.send(buy(magic=magic, lots="0.01"))
    found = [(deal["time_msc"], int(deal["ticket"])) for deal in deals(broker)]
    assert found == sorted(found)
    assert len({time for time, _ in found}) == len(found)


def test_closing_a_closed_position_says_so(broker):
    result = broker.send(TradeRequest("close", 4, "EURUSD", "sell", position_ticket=12))
    assert result.message == "position closed"
