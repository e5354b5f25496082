"""Chart symbols in every form TradingView and brokers write them, and what is too unclear."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.intake.reasons import UNREADABLE
from signals.intake.refusals import DIALECT_REASONS
from signals.intents.symbols import SymbolUnreadable, instrument_of, symbol_form
from tests.unit.signals.dialects.reading import asked

FORMS = [
    ("OANDA:EURUSD", "OANDA", False, "EURUSD", "plain"),
    ("FX_IDC:eurusd", "FX_IDC", False, "EURUSD", "plain"),
    ("CME_MINI_DL:ES1!", "CME_MINI", True, "ES1!", "continuous"),
    ("NSE_DLY:M&M", "NSE", True, "M&M", "plain"),
    ("CME_MINI:ES2!", "CME_MINI", False, "ES2!", "continuous"),
    ("CME_MINI:ESZ2026", "CME_MINI", False, "ESZ2026", "plain"),
    ("BINANCE:BTCUSDT.P", "BINANCE", False, "BTCUSDT.P", "perpetual"),
    ("bybit:btcusdt.p", "BYBIT", False, "BTCUSDT.P", "perpetual"),
    ("EURUSD+", "", False, "EURUSD+", "broker"),
    ("#US30", "", False, "#US30", "broker"),
    ("US30$", "", False, "US30$", "broker"),
    ("EURUSD#", "", False, "EURUSD#", "broker"),
    ("EURUSD.pro", "", False, "EURUSD.PRO", "plain"),
    ("BTC/USDT", "", False, "BTC/USDT", "plain"),
    ("BTC/FDUSD", "", False, "BTC/FDUSD", "plain"),
]
AMBIGUOUS = [
    "ES!",
    "C!",
    "CME_MINI:NQ!",
    "$SPX",
    "$C",
    "EURUSD_DL",
    "EURUSD_DLY",
    "EURUSD/GBPUSD",
    "A/B/C",
    "1/EURUSD",
    "EURUSD+GBPUSD",
    "2*EURUSD",
    "(EURUSD)",
    "BINANCE:BTCUSDT/BINANCE:ETHUSDT",
    "FX:EURUSD-FX:GBPUSD",
    "OANDA:FX:EURUSD",
]
UNKNOWN = [
    "",
    ":",
    "OANDA:",
    "!",
    "+",
    "#",
    "$",
    "EURUSD++",
    "#EURUSD#",
    "EURUSD!1",
    "E=S!",
    ".P",
    "EUR USD",
    "{{ticker}}",
    "EÜR",
    "E" * 65,
    "=EURUSD",
    "EURUSD;",
    "EURUSD\n+",
    # Upper case would make these EURUSD, USS500, IBM and FIX.
    "EURU\u017fD",
    "u\u00df500",
    "\u0131bm",
    "\ufb01x",
]


@pytest.mark.parametrize(("raw", "exchange", "is_delayed", "instrument", "kind"), FORMS)
def test_a_chart_symbol_is_taken_apart(
    raw: str, exchange: str, is_delayed: bool, instrument: str, kind: str
) -> None:
    form = symbol_form(raw)
    assert (form.exchange, form.is_delayed, form.instrument, form.kind) == (
        exchange,
        is_delayed,
        instrument,
        kind,
    )


def test_what_differs_on_the_chart_stays_different_here() -> None:
    family = ["ES1!", "ES2!", "ESZ2026", "ES", "BTCUSDT", "BTCUSDT.P", "EURUSD", "EURUSD+"]
    assert len({instrument_of(raw) for raw in family}) == len(family)


@pytest.mark.parametrize("raw", AMBIGUOUS)
def test_what_may_mean_two_things_is_refused_as_ambiguous(raw: str) -> None:
    with pytest.raises(SymbolUnreadable) as refused:
        instrument_of(raw)
    assert refused.value.code == "ambiguous_symbol"
    assert len(str(refused.value).split()) > 3, "a sentence, not a code"


@pytest.mark.parametrize("raw", UNKNOWN)
def test_what_is_no_symbol_is_refused_as_unknown(raw: str) -> None:
    with pytest.raises(SymbolUnreadable) as refused:
        instrument_of(raw)
    assert refused.value.code == "unknown_symbol"


def test_a_sender_is_told_which_of_the_two_it_is() -> None:
    assert asked('{"symbol": "ES!", "side": "buy"}') == "ambiguous_symbol"
    assert asked('{"symbol": "EUR USD", "side": "buy"}') == "unknown_symbol"
    assert asked('{"symbol": "#US30", "side": "buy"}') == "entry buy #US30"
    assert {"ambiguous_symbol", "unknown_symbol"} <= set(UNREADABLE) | set(DIALECT_REASONS)


@given(st.text(alphabet="AB1.!+#$/-_:&*() dDlLyYpP", max_size=20))
def test_reading_an_instrument_again_changes_nothing(raw: str) -> None:
    try:
        form = symbol_form(raw)
    except SymbolUnreadable:
        return
    assert symbol_form(form.instrument).instrument == form.instrument
    assert re.fullmatch(r"[#A-Z0-9][A-Z0-9._!&/#+$\-]*", form.instrument)
    assert instrument_of(f"NASDAQ_DL:{form.instrument}") == form.instrument
