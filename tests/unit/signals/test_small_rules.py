"""Symbols, peers, states, duplicate keys and reason codes."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from signals.dialects import df_signal
from signals.fusion import states
from signals.intake import parsing
from signals.intake.duplicates import carries_identity, intent_key
from signals.intake.peers import peer_address
from signals.intake.reasons import UNREADABLE
from signals.intents import checks, reading
from signals.intents import intent as intents
from signals.intents.intent import Intent
from signals.intents.legs import Leg, Target
from signals.intents.symbols import SymbolUnreadable, instrument_of

BAR = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("symbol_raw", "instrument"),
    [
        ("OANDA:EURUSD", "EURUSD"),
        ("eurusd", "EURUSD"),
        (" FX_IDC:EURUSD ", "EURUSD"),
        ("CME_MINI_DL:ES1!", "ES1!"),
        ("BINANCE:BTCUSDT.P", "BTCUSDT.P"),
    ],
)
def test_a_chart_symbol_names_its_instrument(symbol_raw: str, instrument: str) -> None:
    assert instrument_of(symbol_raw) == instrument


@pytest.mark.parametrize("symbol_raw", ["", ":", "OANDA:", ":EURUSD{", "{{ticker}}", "A B", "EÜR"])
def test_what_is_no_chart_symbol_is_refused(symbol_raw: str) -> None:
    with pytest.raises(SymbolUnreadable):
        instrument_of(symbol_raw)


@pytest.mark.parametrize(
    ("forwarded_for", "proxies", "peer"),
    [
        ("52.89.214.238", 0, "10.0.0.9"),
        ("52.89.214.238, 203.0.113.7", 1, "203.0.113.7"),
        ("52.89.214.238, 203.0.113.7, 10.0.0.1", 2, "203.0.113.7"),
        ("203.0.113.7", 2, "10.0.0.9"),
        ("", 1, "10.0.0.9"),
        ("not-an-address", 1, "10.0.0.9"),
        ("52.89.214.238,", 1, "10.0.0.9"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded_for: str, proxies: int, peer: str) -> None:
    assert peer_address("10.0.0.9", forwarded_for, proxies, ["10.0.0.0/8"]) == peer


def test_only_undecided_decisions_can_move() -> None:
    for old, edges in states.DECISION_EDGES.items():
        assert bool(edges) == (old in states.UNDECIDED)
    assert states.edge_is_legal("pending_review", "rejected")
    assert not states.edge_is_legal("proposed", "rejected")
    assert not states.edge_is_legal("approved", "superseded")


def leg(verb: str = "entry", **members: object) -> Leg:
    side = "buy" if verb == "entry" else "sell"
    return Leg(verb=verb, side=side, symbol_raw="OANDA:EURUSD", **members)  # type: ignore[arg-type]


def intent(*legs: Leg, **members: object) -> Intent:
    facts = {"kind": "trade", "bar_time": BAR, "timeframe": "15", **members}
    return Intent(legs=legs, **facts)  # type: ignore[arg-type]


def key(*legs: Leg, **members: object) -> str | None:
    return intent_key(intent(*legs, **members), id_is_deterministic=False)


def test_the_same_entry_on_the_same_bar_is_the_same_intent_whatever_its_prices() -> None:
    first = key(leg(), ref_price=Decimal(1))
    assert first == key(leg(sl=Target("pips", Decimal(9))), ref_price=Decimal(2))
    assert first != key(leg(), timeframe="5")
    assert first != key(leg(), bar_time=datetime(2026, 3, 3, tzinfo=UTC))
    assert first != key(leg(), leg())


def test_two_targets_on_one_bar_are_two_intents() -> None:
    half = key(leg("partial_exit", close_pct=Decimal(50)))
    assert half != key(leg("partial_exit", close_pct=Decimal(25)))
    assert half == key(leg("partial_exit", close_pct=Decimal("50.0")))


def test_the_intent_rule_needs_a_bar_and_an_id_that_says_less() -> None:
    assert key(leg(), bar_time=None) is None
    assert intent_key(intent(leg()), id_is_deterministic=True) is None


def test_bytes_carry_identity_only_with_an_id_or_a_time() -> None:
    assert carries_identity(intent(leg()), None)
    assert carries_identity(intent(leg(), bar_time=None, sender_id="a"), None)
    assert not carries_identity(intent(leg(), bar_time=None), None)


def refusal_codes(source: str) -> set[str]:
    """First text argument of every call that refuses something."""
    places = {"Unreadable": 0, "Refused": 0, "IntentInvalid": 0, "_require": 1}
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [call for call in calls if getattr(call.func, "id", "") in places]
    given = [call.args[places[call.func.id]] for call in named]  # type: ignore[attr-defined]
    return {arg.value for arg in given if isinstance(arg, ast.Constant)}  # type: ignore[misc]


@pytest.mark.parametrize("module", [parsing, df_signal, checks, intents, reading])
def test_every_refusal_code_in_the_sources_is_documented(module: ModuleType) -> None:
    codes = refusal_codes(Path(str(module.__file__)).read_text())
    assert codes
    assert codes <= set(UNREADABLE), codes - set(UNREADABLE)
