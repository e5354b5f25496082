"""The simulated broker as brokers are, by seed: netting, parts, refusals, gaps, nights."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.paper.broker import PaperBroker
from execution.paper.manners import Manners, MannersInvalid, manners_read
from execution.paper.terms import (
    DONE,
    DONE_PARTIAL,
    INVALID_PRICE,
    PLACED,
    REJECT,
    REQUOTE,
    PaperSymbol,
    Quote,
    TradeRequest,
)

EURUSD = PaperSymbol("EURUSD", 5, Decimal(100_000))
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Market:
    """Prices and time that a test moves by hand."""

    def __init__(self):
        self.at = START
        self.bid = Decimal("1.10000")

    def __call__(self, symbol, at):
        return Quote(self.bid, self.bid + Decimal("0.00010"))

    def now(self):
        return self.at


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def make(market, tmp_path):
    made = []

    def build(home="a", **fields):
        made.append(
            PaperBroker(market, tmp_path / home, symbols=[EURUSD], clock=market.now, **fields)
        )
        return made[-1]

    yield build
    for broker in made:
        broker.close()


def trade(side, lots="0.10", magic=1, **fields):
    return TradeRequest("open", magic, "EURUSD", side, Decimal(lots), **fields)


def rest(magic=9, lots="0.10", **fields):
    return TradeRequest("pending", magic, "EURUSD", "buy", Decimal(lots), **fields)


def deals(broker):
    return [one for one in broker.deals_after(0) if one.get("entry")]


def money(broker):
    """What all deals come to."""
    names = ("profit", "swap", "commission", "fee")
    return sum(Decimal(one.get(name, "0")) for one in broker.deals_after(0) for name in names)


def test_a_netting_account_merges_at_the_mean_price(make, market):
    broker = make(margin_mode="netting", manners=Manners(slippage_points_max=0))
    broker.send(trade("buy", "0.10", sl=Decimal("1.09000")))
    market.bid = Decimal("1.10300")
    broker.send(trade("buy", "0.20", magic=2, sl=Decimal("1.09500")))
    (held,) = broker.positions()
    assert (held["volume"], Decimal(held["price"])) == ("0.3", Decimal("1.10210"))
    assert (held["magic"], held["sl"]) == (1, "1.095")


def test_a_netting_account_reduces_and_reverses_under_one_identifier(make, market):
    broker = make(margin_mode="netting", manners=Manners(slippage_points_max=0))
    broker.send(trade("buy", "0.30"))
    (held,) = broker.positions()
    market.bid += Decimal("0.00100")
    broker.send(trade("sell", "0.10", magic=2))
    broker.send(trade("sell", "0.50", magic=3))
    (after,) = broker.positions()
    assert after["ticket"] == held["ticket"]
    assert (after["side"], after["volume"], after["magic"]) == ("sell", "0.3", 3)
    told = deals(broker)
    assert [one["entry"] for one in told] == ["in", "out", "inout"]
    assert {one["position_ticket"] for one in told} == {str(held["ticket"])}
    # 90 points on what was closed: a third of it, then the rest.
    assert [one.get("profit") for one in told] == [None, "9", "18"]
    assert Decimal(broker.account()["balance"]) == money(broker)


def test_an_opposite_order_of_the_same_size_closes_a_netting_position(make):
    broker = make(margin_mode="netting")
    broker.send(trade("buy"))
    broker.send(trade("sell", magic=2))
    assert broker.positions() == []


def test_a_hedging_account_keeps_both_sides(make):
    broker = make()
    broker.send(trade("buy"))
    broker.send(trade("sell", magic=2))
    assert [one["side"] for one in broker.positions()] == ["buy", "sell"]


def test_ioc_is_filled_in_part_and_fok_never_is(make):
    broker = make(manners=Manners(partial_percent=100))
    part = broker.send(trade("buy", "1.00", filling="ioc"))
    assert part.retcode == DONE_PARTIAL
    (held,) = broker.positions()
    assert Decimal("0.01") <= Decimal(held["volume"]) < 1
    assert broker.send(trade("buy", "1.00", magic=2, filling="fok")).retcode == REJECT
    assert len(broker.positions()) == 1


def test_a_resting_order_is_filled_in_parts_into_one_position(make, market):
    broker = make(manners=Manners(partial_percent=100))
    assert broker.send(rest(lots="1.00", limit_price=Decimal("1.09000"))).retcode == PLACED
    market.bid = Decimal("1.08900")
    for _ in range(200):
        broker.tick()
    assert broker.look_up(9).ended == "filled"
    (held,) = broker.positions()
    assert held["volume"] == "1"
    assert len(deals(broker)) > 1
    assert sum(Decimal(one["volume_lots"]) for one in deals(broker)) == 1


def test_a_broker_that_always_requotes_fills_nothing(make):
    broker = make(manners=Manners(requote_percent=100))
    assert broker.send(trade("buy")).retcode == REQUOTE
    assert broker.positions() == []


def test_a_refused_request_gets_one_of_the_codes_and_does_nothing(make):
    broker = make(manners=Manners(refuse_percent=100, refuse_codes=(10018, 10019)))
    codes = {broker.send(trade("buy", magic=magic)).retcode for magic in range(40)}
    assert codes == {10018, 10019}
    assert broker.positions() == []


def test_of_what_is_answered_unsurely_some_is_done(make):
    broker = make(manners=Manners(refuse_percent=100, refuse_codes=(10012,)))
    answers = {broker.send(trade("buy", "0.01", magic=magic)).retcode for magic in range(40)}
    assert answers == {10012}
    assert 0 < len(broker.positions()) < 40


def test_what_a_person_does_is_not_drawn_for(make):
    broker = make(manners=Manners(refuse_percent=100))
    assert broker.send(trade("buy", magic=0, reason="client")).retcode == DONE


def test_a_stop_that_a_gap_jumps_over_closes_where_the_market_is(make, market):
    broker = make(manners=Manners(slippage_points_max=0))
    broker.send(trade("buy", sl=Decimal("1.09900")))
    broker.close()
    gapping = make(manners=Manners(gap_percent=100, gap_points_max=2_000, seed="down"))
    for _ in range(200):
        market.at += timedelta(minutes=15)
        gapping.tick()
    out = deals(gapping)[-1]
    assert out["reason"] == "sl"
    assert Decimal(out["price"]) < Decimal("1.09900")


def test_gaps_stand_for_a_quarter_of_an_hour_and_are_the_same_for_a_seed(market):
    manners = Manners(gap_percent=50)
    quarters = [START + timedelta(minutes=15 * one) for one in range(200)]
    found = [manners.gap_points("EURUSD", at) for at in quarters]
    assert found == [
        manners.gap_points("EURUSD", at + timedelta(minutes=14, seconds=59)) for at in quarters
    ]
    assert 40 < sum(one == 0 for one in found) < 160
    assert all(-200 <= one <= 200 for one in found)
    assert found != [Manners(seed="b", gap_percent=50).gap_points("EURUSD", at) for at in quarters]


def test_a_stop_limit_order_waits_for_its_stop_and_then_for_its_limit(make, market):
    broker = make()
    levels = {"stop_price": Decimal("1.11000"), "limit_price": Decimal("1.10900")}
    assert broker.send(rest(**levels)).retcode == PLACED
    market.bid = Decimal("1.10850")
    broker.tick()
    assert broker.look_up(9).pendings == 1, "the limit alone does not fill it"
    market.bid = Decimal("1.11050")
    broker.tick()
    (pending,) = broker.pendings()
    assert (pending["stop"], pending["limit"]) == (None, "1.109")
    market.bid = Decimal("1.10850")
    broker.tick()
    (fill,) = deals(broker)
    assert Decimal(fill["price"]) == Decimal("1.10860")


@pytest.mark.parametrize(
    "levels",
    [
        {"limit_price": Decimal("1.20000")},
        {"stop_price": Decimal("1.05000")},
        {"stop_price": Decimal("1.11000"), "limit_price": Decimal("1.12000")},
        {},
    ],
)
def test_a_price_on_the_wrong_side_of_the_market_is_refused(make, levels):
    assert make().send(rest(**levels)).retcode == INVALID_PRICE


def test_a_resting_order_gets_another_price(make):
    broker = make()
    broker.send(rest(limit_price=Decimal("1.09000"), sl=Decimal("1.08000")))
    prices = {"limit_price": Decimal("1.09500"), "sl": Decimal("1.08500")}
    amend = TradeRequest("amend", 9, "EURUSD", "buy", **prices)
    assert broker.send(amend).retcode == DONE
    (pending,) = broker.pendings()
    assert (pending["limit"], pending["sl"]) == ("1.095", "1.085")
    assert broker.send(amend).retcode == 10025


def test_wednesday_counts_three_nights_and_the_weekend_none(make, market):
    broker = make(manners=Manners(slippage_points_max=0))
    broker.tick()
    broker.send(trade("buy", "1.00"))
    market.at += timedelta(days=7)
    broker.tick()
    (held,) = broker.positions()
    assert Decimal(held["swap"]) == 7 * Decimal("-1.20")


def test_fees_and_dividends_change_the_balance(make):
    broker = make()
    broker.money("charge", Decimal("-2.50"), "data feed")
    told = broker.deals_after(0)[-1]
    assert (told["kind"], told["profit"], told["comment"]) == ("charge", "-2.5", "data feed")
    assert broker.account()["balance"] == "9997.5"


ROUGH = Manners(
    requote_percent=20, partial_percent=30, refuse_percent=20, gap_percent=30, refuse_codes=(10006,)
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "rest", "close", "wait"]),
        st.sampled_from(["0.01", "0.10", "0.37"]),
        st.integers(-60, 60),
    ),
    min_size=1,
    max_size=25,
)


def lived(home, steps, *, margin_mode, seed):
    """What a broker's deals are after some steps."""
    market = Market()
    manners = Manners(**{**{one: getattr(ROUGH, one) for one in ROUGH.__slots__}, "seed": seed})
    broker = PaperBroker(
        market,
        home,
        symbols=[EURUSD],
        clock=market.now,
        manners=manners,
        margin_mode=margin_mode,
    )
    for magic, (what, lots, points) in enumerate(steps, 1):
        market.at += timedelta(minutes=7)
        market.bid += points * Decimal("0.00010")
        if what in ("buy", "sell"):
            broker.send(trade(what, lots, magic, filling="ioc"))
        elif what == "rest":
            broker.send(rest(magic, lots, limit_price=market.bid - Decimal("0.00100")))
        elif what == "close" and broker.positions():
            ticket = broker.positions()[0]["ticket"]
            broker.send(TradeRequest("close", magic, "EURUSD", "buy", position_ticket=ticket))
        broker.tick()
    told, held, account = broker.deals_after(0), broker.positions(), broker.account()
    broker.close()
    return told, held, account


@pytest.mark.parametrize("margin_mode", ["hedging", "netting"])
@given(steps=STEPS)
@settings(max_examples=25, deadline=None)
def test_positions_and_balance_are_what_the_deals_come_to(tmp_path_factory, margin_mode, steps):
    told, held, account = lived(
        tmp_path_factory.mktemp("a"), steps, margin_mode=margin_mode, seed="1"
    )
    net = {}
    for one in told:
        if one.get("entry"):
            sign = 1 if one["kind"] == "buy" else -1
            ticket = one["position_ticket"]
            net[ticket] = net.get(ticket, Decimal(0)) + sign * Decimal(one["volume_lots"])
    signs = {"buy": 1, "sell": -1}
    expected = {str(one["ticket"]): signs[one["side"]] * Decimal(one["volume"]) for one in held}
    assert {ticket: lots for ticket, lots in net.items() if lots} == expected
    names = ("profit", "swap", "commission", "fee")
    total = sum(Decimal(one.get(name, "0")) for one in told for name in names)
    assert Decimal(account["balance"]) == total
    if margin_mode == "netting":
        assert len(held) <= 1


@given(steps=STEPS)
@settings(max_examples=15, deadline=None)
def test_the_same_seed_is_the_same_run(tmp_path_factory, steps):
    runs = [
        lived(tmp_path_factory.mktemp("a"), steps, margin_mode="hedging", seed="7")
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_another_seed_is_another_run(tmp_path):
    steps = [("buy", "0.10", 3)] * 20
    one = lived(tmp_path / "a", steps, margin_mode="hedging", seed="1")
    other = lived(tmp_path / "b", steps, margin_mode="hedging", seed="2")
    assert one != other


def test_manners_are_read_from_one_line():
    read = manners_read("seed=7 requote_percent=5 refuse_percent=2 refuse_codes=10018,10019")
    assert read == Manners(
        seed="7", requote_percent=5, refuse_percent=2, refuse_codes=(10018, 10019)
    )
    assert manners_read("") == Manners()


@pytest.mark.parametrize(
    "text",
    [
        "requote_percent",
        "requote_percent=101",
        "requote_percent=-1",
        "requote_percent=1.5",
        "requote_percent=1 requote_percent=2",
        "mood=bad",
        "refuse_codes=10009",
        "refuse_codes=1",
        "refuse_codes=",
        "seed=",
    ],
)
def test_manners_that_cannot_be_are_refused_in_words(text):
    with pytest.raises(MannersInvalid):
        manners_read(text)
