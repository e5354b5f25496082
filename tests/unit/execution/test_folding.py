"""Positions from deals, in any order."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from execution.rules.folding import position_folded
from execution.wire import ReportedDeal

START = datetime(2026, 3, 2, tzinfo=UTC)


def deal(number, kind, entry, lots, price="1.10000", **money):
    values = {"profit": "0", "swap": "0", "commission": "0", "fee": "0", **money}
    return ReportedDeal(
        ticket=number,
        time_msc=int((START + timedelta(seconds=number)).timestamp()) * 1000,
        kind_told=kind,
        entry=entry,
        volume_lots=Decimal(lots),
        price=Decimal(price),
        **{name: Decimal(value) for name, value in values.items()},
    )


def test_one_opening_deal_is_an_open_position():
    folded = position_folded([deal(1, "buy", "in", "0.10", commission="-0.30")])
    assert (folded.side, folded.volume_open_lots, folded.closed_at) == (
        "buy",
        Decimal("0.10"),
        None,
    )
    assert folded.net == Decimal("-0.30")


def test_a_deal_of_no_volume_opens_nothing_and_its_money_counts():
    empty = deal(1, "buy", "in", "0", commission="-0.30")
    real = deal(2, "buy", "in", "0.10", "1.20000")
    assert position_folded([empty]) is None
    both, alone = position_folded([empty, real]), position_folded([real])
    assert (both.price_open, both.opened_at) == (alone.price_open, alone.opened_at)
    assert both.net == alone.net - Decimal("0.30")


def test_two_opening_deals_average_their_price():
    folded = position_folded(
        [deal(1, "buy", "in", "0.10", "1.10000"), deal(2, "buy", "in", "0.30", "1.20000")]
    )
    assert folded.price_open == Decimal("1.175")


def test_a_partial_close_leaves_the_average_alone():
    folded = position_folded(
        [
            deal(1, "buy", "in", "0.30", "1.10000"),
            deal(2, "sell", "out", "0.10", "1.20000", profit="1000"),
        ]
    )
    assert (folded.volume_open_lots, folded.price_open) == (Decimal("0.20"), Decimal("1.1"))
    assert (folded.price_close, folded.closed_at) == (Decimal("1.2"), None)


def test_a_full_close_ends_it_with_its_net():
    folded = position_folded(
        [
            deal(1, "sell", "in", "0.10", commission="-0.30"),
            deal(2, "buy", "out", "0.10", profit="12.50", swap="-0.20", commission="-0.30"),
        ]
    )
    assert folded.side == "sell"
    assert folded.net == Decimal("11.70")
    assert folded.closed_at == START + timedelta(seconds=2)


def test_a_netting_reversal_flips_the_side_and_restarts_the_price():
    folded = position_folded(
        [deal(1, "buy", "in", "0.10", "1.10000"), deal(2, "sell", "inout", "0.30", "1.20000")]
    )
    assert (folded.side, folded.volume_open_lots) == ("sell", Decimal("0.20"))
    assert (folded.price_open, folded.volume_closed_lots) == (Decimal("1.2"), Decimal("0.10"))


def test_a_close_by_takes_volume_off_each_side():
    folded = position_folded([deal(1, "buy", "in", "0.30"), deal(2, "sell", "out_by", "0.10")])
    assert folded.volume_open_lots == Decimal("0.20")


def test_without_its_opening_deal_there_is_no_position_yet():
    assert position_folded([deal(2, "sell", "out", "0.10")]) is None


def test_with_an_opening_deal_missing_it_is_not_closed():
    folded = position_folded([deal(1, "buy", "in", "0.10"), deal(3, "sell", "out", "0.30")])
    assert (folded.is_complete, folded.closed_at) == (False, None)


def test_a_cancelled_deal_counts_no_volume_but_its_money():
    folded = position_folded(
        [deal(1, "buy", "in", "0.10"), deal(2, "unknown", "out", "0.10", fee="-1")]
    )
    assert (folded.volume_open_lots, folded.net) == (Decimal("0.10"), Decimal("-1"))


@st.composite
def lives(draw):
    """A hedging or netting life of one position, as the broker would write it."""
    rng = random.Random(draw(st.integers(0, 10**9)))
    is_netting = draw(st.booleans())
    open_ = Decimal(0)
    found = []
    for number in range(1, draw(st.integers(2, 12))):
        lots = Decimal(rng.randint(1, 50)) / 100
        price = Decimal(rng.randint(100_000, 130_000)) / 100_000
        money = {"profit": str(rng.randint(-500, 500)), "swap": str(rng.randint(-3, 0))}
        more = rng.random() < 0.5 or open_ == 0
        if more:
            kind = "buy" if open_ >= 0 else "sell"
            found.append(deal(number, kind, "in", str(lots), str(price), **money))
            open_ += lots if kind == "buy" else -lots
        else:
            kind = "sell" if open_ > 0 else "buy"
            flips = is_netting and lots > abs(open_)
            entry = "inout" if flips else rng.choice(["out", "out_by"])
            lots = lots if flips else min(lots, abs(open_))
            found.append(deal(number, kind, entry, str(lots), str(price), **money))
            open_ += lots if kind == "buy" else -lots
    return found, open_, rng


@given(lives())
def test_any_order_of_deals_gives_the_same_position(life):
    deals, open_, rng = life
    folded = position_folded(deals)
    for _ in range(3):
        rng.shuffle(deals)
        assert position_folded(deals) == folded
    assert folded.volume_open_lots == abs(open_)
    assert folded.net == sum(d.profit + d.swap + d.commission + d.fee for d in deals)
    assert (folded.closed_at is not None) == (open_ == 0)
    if open_:
        assert folded.side == ("buy" if open_ > 0 else "sell")
