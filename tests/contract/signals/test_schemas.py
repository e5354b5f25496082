"""The published schemas and the adapter say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import signals
from signals.dialects.base import StrategyDefaults
from signals.dialects.df_signal import MEMBERS
from signals.dialects.registry import read_alert
from signals.intake.parsing import Unreadable, read_content
from signals.intents.intent import Intent
from signals.intents.legs import Leg, Size, Target
from tests.factories.signals import (
    AmendFactory,
    BarFactory,
    CancelFactory,
    EntryFactory,
    ExitFactory,
    PartialExitFactory,
    TestSignalFactory,
    body_of,
)

FACTORIES = {
    "entry": EntryFactory,
    "exit": ExitFactory,
    "partial_exit": PartialExitFactory,
    "amend": AmendFactory,
    "cancel": CancelFactory,
    "test": TestSignalFactory,
    "bar": BarFactory,
}
# Refusals that a schema cannot say: relations between numbers.
BEYOND_SCHEMA = {
    "bracket_wrong_side",
    "not_positive",
    "close_pct_range",
    "bar_prices",
    "plan_two_targets",
    "plan_without_stop",
    "plan_units",
    "plan_absurd",
}


def schema(name: str) -> Draft202012Validator:
    path = Path(signals.__file__).parent / "schemas" / f"{name}.json"
    document = json.loads(path.read_text())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


SIGNAL = schema("df.signal.v1")
INTENT = schema("df.intent.v1")


def read(message: dict[str, Any]) -> Intent:
    return read_alert(read_content(body_of(message)), StrategyDefaults("x")).intent


@pytest.mark.parametrize("event", FACTORIES)
def test_an_example_of_each_event_fits_both_schemas(event: str) -> None:
    message = FACTORIES[event]()
    SIGNAL.validate(message)
    INTENT.validate(json.loads(read(message).to_json()))


def test_the_schema_and_the_adapter_know_the_same_members() -> None:
    document: Any = SIGNAL.schema
    known = frozenset().union(*MEMBERS.values())
    assert set(document["properties"]) == known
    listed = {
        rule["if"]["properties"]["event"]["const"]: set(rule["then"]["propertyNames"]["enum"])
        for rule in document["allOf"]
    }
    assert listed == {event: set(names) for event, names in MEMBERS.items()}


def test_every_member_of_a_message_is_explained() -> None:
    rules: dict[str, Any] = SIGNAL.schema["properties"]  # type: ignore[index]
    assert [name for name, rule in rules.items() if not rule.get("description")] == []


_odd = st.sampled_from(
    [
        None,
        "",
        "x",
        "1",
        "0",
        "1.5",
        "-1",
        "buy",
        "sell",
        "long",
        "short",
        "flat",
        "limit",
        "stop",
        "market",
        "risk_pct",
        "gtc",
        "paper",
        0,
        1,
        -1,
        True,
        1735729200000,
        [],
        {},
        ["a"],
        {"sl": "1"},
        {"sl": None},
        {"limit_price": None},
        {"odd": 1},
        {"targets": [{"kind": "pips", "value": "10", "share": "50"}]},
        {"trailing": {"distance": {"kind": "pips", "value": "10"}}},
        {"time_exit_seconds": 60},
        {"time_exit_seconds": 0},
    ]
)
_names = st.sampled_from(sorted(frozenset().union(*MEMBERS.values()) | {"odd"}))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(FACTORIES)), st.dictionaries(_names, _odd, max_size=2), st.data())
def test_the_adapter_takes_exactly_what_the_schema_takes(
    event: str, changes: dict[str, Any], data: st.DataObject
) -> None:
    message = {**FACTORIES[event](), **changes}
    dropped = data.draw(st.sampled_from(["", *sorted(message)]))
    message.pop(dropped, None)
    fits = SIGNAL.is_valid(message)
    try:
        read(message)
        refused = ""
    except Unreadable as error:
        refused = error.code
    if refused in BEYOND_SCHEMA or (refused == "not_a_time" and fits):
        return
    assert fits == (not refused), (refused, message)


_price = st.decimals(min_value="0.0000000001", max_value="99999999999999", places=10)
_target = st.builds(Target, st.sampled_from(["points", "pips"]), _price)
_exits = st.builds(
    Leg,
    verb=st.sampled_from(["exit", "cancel", "cancel_all", "close_all"]),
    side=st.sampled_from(["buy", "sell", "any"]),
    symbol_raw=st.sampled_from(["EURUSD", "OANDA:EURUSD"]),
)
_entries = st.builds(
    Leg,
    verb=st.just("entry"),
    side=st.sampled_from(["buy", "sell"]),
    symbol_raw=st.just("EURUSD"),
    size=st.none() | st.builds(Size, st.sampled_from(["lots", "qty", "notional"]), _price),
    sl=st.none() | _target,
    tp=st.none() | _target,
)


@given(st.lists(_exits | _entries, min_size=1, max_size=8))
def test_every_intent_fits_its_schema(legs: list[Leg]) -> None:
    intent = Intent(kind="trade", legs=tuple(legs), sources={"legs.0.size": "default"})
    INTENT.validate(json.loads(intent.to_json()))
