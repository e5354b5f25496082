"""What an amend makes of an entry that rests: it never risks more, however often it is asked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.rules.amending import Levels, Stand, check_amended, levels_amended
from execution.rules.prices import PriceRefused, PriceScale
from signals.intents.legs import Leg, Target

SCALE = PriceScale(5, Decimal("0.00001"))
PRICES = st.integers(90_000, 130_000).map(lambda points: Decimal(points).scaleb(-5))
TARGETS = st.one_of(
    st.none(),
    st.just(Target("remove")),
    PRICES.map(lambda price: Target("price", price)),
    st.integers(1, 5_000).map(lambda points: Target("points", Decimal(points))),
    st.integers(1, 500).map(lambda pips: Target("pips", Decimal(pips))),
    st.integers(1, 30).map(lambda tenths: Target("percent", Decimal(tenths) / 10)),
)
LEGS = st.builds(
    lambda limit, stop, sl, tp: Leg(
        verb="amend",
        side="buy",
        symbol_raw="EURUSD",
        limit_price=limit,
        stop_price=stop,
        sl=sl,
        tp=tp,
    ),
    st.none() | PRICES,
    st.none() | PRICES,
    TARGETS,
    TARGETS,
)


def first(side: str, order_type: str) -> Levels:
    """An entry at 1.1 whose stop is 500 points away."""
    price, sl = Decimal("1.1"), Decimal("1.095" if side == "buy" else "1.105")
    return Levels(
        price if "limit" in order_type else None,
        price if "stop" in order_type else None,
        Stand(sl),
        Stand(),
    )


def distance(levels: Levels) -> Decimal:
    assert levels.base is not None
    assert levels.sl.price is not None
    return abs(levels.base - levels.sl.price)


@given(
    side=st.sampled_from(["buy", "sell"]),
    order_type=st.sampled_from(["limit", "stop", "stop_limit"]),
    legs=st.lists(LEGS, max_size=6),
)
def test_no_chain_of_amends_ever_risks_more_than_a_tick_each(side, order_type, legs) -> None:
    levels = first(side, order_type)
    passed = 0
    for leg in legs:
        try:
            wanted = levels_amended(levels, leg, side=side, scale=SCALE)
            check_amended(levels, wanted, side=side, tick=SCALE.tick_size)
        except PriceRefused:
            continue
        passed += 1
        levels = wanted
        assert (levels.limit_price is None) == ("limit" not in order_type)
        assert (levels.stop_price is None) == ("stop" not in order_type)
    assert distance(levels) <= Decimal("0.005") + passed * SCALE.tick_size
    assert (levels.sl.price < levels.base) == (side == "buy")


@given(leg=LEGS)
def test_an_amend_done_twice_is_done_once(leg) -> None:
    before = first("buy", "stop_limit")
    try:
        once = levels_amended(before, leg, side="buy", scale=SCALE)
        twice = levels_amended(once, leg, side="buy", scale=SCALE)
    except PriceRefused:
        return
    assert once == twice
    assert once.is_at(twice, tick=Decimal(0))


def test_a_distance_is_counted_from_the_price_that_is_amended_with_it() -> None:
    before = Levels(Decimal("1.1"), None, Stand(Decimal("1.095"), Decimal(500), "points"), Stand())
    leg = Leg(verb="amend", side="buy", symbol_raw="EURUSD", limit_price=Decimal("1.102"))
    after = levels_amended(before, leg, side="buy", scale=SCALE)
    assert after.sl == Stand(Decimal("1.097"), Decimal(500), "points")


def test_at_the_market_a_stop_is_compared_with_the_stop() -> None:
    before = Levels(None, None, Stand(Decimal("1.095")), Stand())
    for price, is_refused in (("1.0951", False), ("1.0949", True)):
        after = Levels(None, None, Stand(Decimal(price)), Stand())
        if is_refused:
            with pytest.raises(PriceRefused, match="amend_widens_stop"):
                check_amended(before, after, side="buy", tick=SCALE.tick_size)
        else:
            check_amended(before, after, side="buy", tick=SCALE.tick_size)


def test_an_entry_without_a_stop_may_be_given_one() -> None:
    before = Levels(Decimal("1.1"), None, Stand(), Stand())
    leg = Leg(verb="amend", side="buy", symbol_raw="EURUSD", sl=Target("price", Decimal("1.09")))
    after = levels_amended(before, leg, side="buy", scale=SCALE)
    check_amended(before, after, side="buy", tick=SCALE.tick_size)
    assert after.sl == Stand(Decimal("1.09"))
