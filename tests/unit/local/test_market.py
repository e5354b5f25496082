"""Sample prices are a function of time alone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion_project.local.market.rules.prices import BAR_SECONDS, INSTRUMENTS, Market, bar_open_at

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# Milliseconds since the epoch: years 2020 to 2040.
MOMENTS = st.integers(1_577_836_800_000, 2_208_988_800_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
NAMES = st.sampled_from(sorted(INSTRUMENTS))


@given(NAMES, MOMENTS)
def test_a_restart_quotes_the_same_price(name: str, at: datetime) -> None:
    assert Market().quote(name, at) == Market().quote(name, at)


def test_prices_are_the_ones_every_machine_computes() -> None:
    # Written down once: a change here would break what people have on their charts.
    quoted = {name: Market().quote(name, MOMENT) for name in INSTRUMENTS}
    assert {name: str(quote.bid) for name, quote in quoted.items() if quote} == {
        "EURUSD": "1.06364",
        "GBPUSD": "1.23804",
        "XAUUSD": "2685.85",
        "BTCUSD": "69855.61",
        "US500": "5891.8",
    }


def test_another_seed_is_another_market() -> None:
    ours, theirs = Market("a"), Market("b")
    moments = [MOMENT + timedelta(minutes=n) for n in range(5)]
    assert [ours.quote("EURUSD", at) for at in moments] != [
        theirs.quote("EURUSD", at) for at in moments
    ]


@given(NAMES, MOMENTS)
def test_a_quote_is_on_the_tick_with_a_spread_near_the_anchor(name: str, at: datetime) -> None:
    instrument = INSTRUMENTS[name]
    quote = Market().quote(name, at)
    assert quote is not None
    for price in (quote.bid, quote.ask):
        assert price == price.quantize(instrument.tick_size)
        assert abs(price / instrument.anchor - 1) < Decimal("0.2")
    assert abs(quote.ask - quote.bid - instrument.spread) <= instrument.tick_size


@given(NAMES, MOMENTS)
def test_a_bar_holds_its_open_and_close_between_low_and_high(name: str, at: datetime) -> None:
    bar = Market().bar(name, bar_open_at(at))
    assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


@given(NAMES, MOMENTS)
def test_a_bar_closes_where_the_next_one_opens(name: str, at: datetime) -> None:
    market, opened = Market(), bar_open_at(at)
    following = opened + timedelta(seconds=BAR_SECONDS)
    assert market.bar(name, opened).close == market.bar(name, following).open


def test_bars_end_with_the_last_closed_one() -> None:
    bars = Market().bars("EURUSD", until=MOMENT + timedelta(seconds=3), count=4)
    assert [bar.open_at for bar in bars] == [
        MOMENT - timedelta(seconds=BAR_SECONDS * n) for n in (4, 3, 2, 1)
    ]


def test_prices_move_within_a_minute() -> None:
    quotes = {Market().quote("BTCUSD", MOMENT + timedelta(seconds=n)) for n in range(60)}
    assert len(quotes) > 50


def test_an_unknown_instrument_has_no_quote() -> None:
    assert Market().quote("NOSUCH", MOMENT) is None
    with pytest.raises(KeyError):
        Market().bar("NOSUCH", MOMENT)
