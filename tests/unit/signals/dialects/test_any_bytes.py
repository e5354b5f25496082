"""Whatever the bytes: every adapter either reads them or refuses with a documented code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signals.dialects import switches
from signals.dialects import vocabulary as words
from signals.dialects.base import Dialect, StrategyDefaults
from signals.dialects.credentials import credential_spans, loose_spans
from signals.intake.duplicates import carries_identity, intent_key
from signals.intake.parsing import Content, Unreadable, blank_spans, read_content
from signals.intents.intent import Intent
from signals.intents.symbols import instrument_of
from tests.unit.signals.dialects.reading import ALL, CODES, EXAMPLES, FOREIGN, asked

SOME = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
MANY = settings(SOME, max_examples=10_000)
BODIES = [example.body for examples in EXAMPLES.values() for example in examples]
NAMES = sorted(
    {
        *words.SYMBOL,
        *words.ACTION_HARD,
        *words.ACTION_SOFT,
        *words.SIZES,
        *words.STOPS,
        *words.TARGETS,
        *words.AFTER_WORD,
        *words.BEFORE_WORD,
        *words.AFTER_SIZE_SIGNED,
        *words.BEFORE_SIZE,
        *words.TIME_EITHER,
        *words.INTERVAL,
        *words.SENDER_ID,
        "sentiment",
        "tv_instrument",
        "bot_uuid",
        "strategy_info",
        "order",
        "apikey",
        "pricetype",
        "stopLoss",
        "takeProfit",
        "orderType",
        "limitPrice",
        "stopPrice",
        "price",
        "close",
        "cancel",
        "test",
        *switches.REDUCE_ONLY,
        *switches.POSITION_SIDE,
        *switches.EFFECT,
        *switches.CLOSE_OPPOSITE,
        *words.CLOSE_PARTS,
        *words.CLOSE_PCT,
        *words.STOP_TYPES,
        *words.EXPIRES,
        "mode",
        "enabled",
        "paper",
        "delay",
        "orders",
        "market",
        "targetposition",
        "closelong",
        "closecurrentposition",
        "message",
        "take_profit",
        "stop_loss",
    }
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "buy",
            "sell",
            "long",
            "short",
            "flat",
            "close",
            "closelong",
            "exit",
            "entry",
            "reverse",
            "cancel",
            "all",
            "EURUSD",
            "BINANCE:BTCUSDT",
            "NaN",
            "na",
            "1.08",
            "50",
            "50%",
            "-3",
            "1e9",
            "9e99",
            "0",
            "{{ticker}}",
            "limit",
            "2026-03-02T14:30:00Z",
            "1772461800000",
            "15",
            "\u202e",
            "a\\nb",
            "",
            "partial_exit",
            "modify",
            "percent",
        ]
    ),
    st.text(max_size=8),
    st.integers(-(10**17), 10**17),
    st.decimals(-(10**9), 10**9, places=4).map(float),
    st.booleans(),
    st.none(),
)
OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=7),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), st.one_of(VALUES, inner), max_size=7),
    max_leaves=12,
)
ACTIONS = st.sampled_from(
    [
        "buy",
        "sell",
        "long",
        "short",
        "close",
        "closelong",
        "exit",
        "entry",
        "reverse",
        "modify",
        "cancel",
        "closeall",
        "partialclose",
        "enter_short",
        "buylimit",
    ]
)
NUMBERS = st.sampled_from(["1", "0", "0.5", "1.0800", "50", "50%", "-3", "1.09", "100", "2.5"])
POSITIONS = st.sampled_from(["long", "short", "flat"])
# Messages that are nearly right: a symbol, an action, and a few fields of the right kind.
PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("side", "direction", "type", "signal"), st.one_of(ACTIONS, st.just("limit"))),
    **dict.fromkeys(("market_position", "prev_market_position", "sentiment"), POSITIONS),
    **dict.fromkeys(
        (
            "position_size",
            "prev_position_size",
            "market_position_size",
            "qty",
            "contracts",
            "size",
            "lots",
            "sl",
            "tp",
            "sl_pips",
            "tp_percent",
            "price",
            "limit_price",
            "stop_price",
            "close_pct",
            "tp2",
        ),
        NUMBERS,
    ),
    "order_type": st.sampled_from(["market", "limit", "stop", "stop_limit"]),
    "time": st.sampled_from(["2026-03-02T14:30:00Z", "1772461800000", "2026-03-02T14:30:07Z"]),
    "interval": st.sampled_from(["15", "1H", "D", "1M", "30S"]),
    "id": st.sampled_from(["Long", "a-17", "12345"]),
    "trailing_stop": NUMBERS,
    "cancel": st.sampled_from(["true", "false"]),
}
EXTRAS = st.lists(
    st.sampled_from(sorted(PLAUSIBLE)).flatmap(
        lambda name: st.tuples(st.just(name), PLAUSIBLE[name])
    ),
    max_size=4,
)
NEAR = st.tuples(st.sampled_from(["EURUSD", "BINANCE:BTCUSDT.P", "NQ1!"]), ACTIONS, EXTRAS).map(
    lambda parts: {"symbol": parts[0], "action": parts[1], **dict(parts[2])}
)
FIELDS = st.tuples(
    NEAR, st.sampled_from([",", ";", "\n", ", "]), st.sampled_from("=:"), st.text(max_size=2)
).map(lambda parts: parts[1].join(f"{k}{parts[2]}{v}" for k, v in parts[0].items()) + parts[3])


@SOME
@given(st.binary(max_size=300))
def test_random_bytes(raw: bytes) -> None:
    _check(raw)


@SOME
@given(st.sampled_from(BODIES), st.data())
def test_a_documented_example_with_something_changed(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 12)))
    pieces = ["", ",", "=", "buy", "0", "NaN", "{{x}}", "\n"]
    inserted = data.draw(st.one_of(st.sampled_from(pieces), st.text(max_size=4)))
    _check((body[:start] + inserted + body[end:]).encode("utf-8", "replace"))


@SOME
@given(st.one_of(OBJECTS, NEAR))
def test_objects_made_of_known_names(data: dict[str, Any]) -> None:
    _check(json.dumps(data).encode())


@SOME
@given(NEAR)
def test_a_word_that_closes_cancels_or_changes_never_opens(data: dict[str, Any]) -> None:
    said = asked(json.dumps(data))
    if data["action"] in (
        "close",
        "closelong",
        "exit",
        "partialclose",
        "modify",
        "cancel",
        "closeall",
    ):
        assert "entry" not in said


@SOME
@given(NEAR, st.sampled_from(switches.REDUCE_ONLY))
def test_what_only_reduces_never_opens(data: dict[str, Any], name: str) -> None:
    assert "entry" not in asked(json.dumps({**data, name: True}))


@SOME
@given(NEAR, st.sampled_from([("paper", True), ("enabled", False), ("mode", "demo")]))
def test_what_is_not_for_us_asks_for_nothing(data: dict[str, Any], switch: tuple[str, Any]) -> None:
    assert asked(json.dumps({**data, switch[0]: switch[1]})) in CODES


@SOME
@given(FIELDS)
def test_texts_made_of_known_names(text: str) -> None:
    _check(text.encode("utf-8", "replace"))


@SOME
@given(
    st.lists(
        st.sampled_from(
            [
                "60123456789",
                "buy",
                "closelong",
                "EURUSD",
                "risk=1",
                "sl=50",
                "sl_price=1.1",
                "tp=9",
                "closelongpct",
                "partial_close_pct=40",
                "cl+os",
                "price=1.1",
                "comment=a b",
                "secret=S3CRET",
                "",
                "closeall",
                "{{ticker}}",
                "newsltplong",
                "vol_lots=0",
                "=",
            ]
        ),
        max_size=7,
    )
)
def test_comma_texts(parts: list[str]) -> None:
    _check(",".join(parts).encode())


@SOME
@given(
    st.dictionaries(
        st.sampled_from(
            ["size", "sl", "tp", "size_unit", "target_unit", "entry_unit", "timeframe"]
        ),
        st.one_of(
            VALUES,
            st.dictionaries(st.sampled_from(["mode", "kind", "value"]), VALUES, max_size=3),
            st.sampled_from([{"mode": "lots", "value": "1"}, {"kind": "pips", "value": "20"}]),
        ),
    ),
    st.sampled_from(BODIES),
)
def test_any_defaults_of_a_strategy(defaults: dict[str, Any], body: str) -> None:
    code_or_summary = asked(body, defaults)
    assert " " in code_or_summary or code_or_summary in CODES | {"test"}


@pytest.mark.long
@MANY
@given(st.one_of(st.binary(max_size=300), st.sampled_from(BODIES).map(str.encode), FIELDS, NEAR))
def test_ten_thousand_bodies(body: bytes | str | dict[str, str]) -> None:
    text = json.dumps(body) if isinstance(body, dict) else body
    _check(text.encode("utf-8", "replace") if isinstance(text, str) else text)


@pytest.mark.parametrize("filler", [" ", "a", "order x @ ", "a=", "x,", "[", "key ", '"k":'])
def test_a_long_body_is_judged_quickly(filler: str) -> None:
    raw = (filler * (16 * 1024 // len(filler))).encode()
    _check(raw)
    loose_spans(raw)


def _check(raw: bytes) -> None:
    try:
        content = read_content(raw)
    except Unreadable as error:
        _require_documented(error)
        return
    for dialect in ALL:
        if dialect.claims(content):
            _check_claimed(dialect, content)


def _require_documented(error: Unreadable) -> None:
    assert error.code in CODES


def _check_claimed(dialect: Dialect, content: Content) -> None:
    credential = dialect.credential(content)
    assert credential is None or isinstance(credential, str)
    if dialect in FOREIGN:
        spans = credential_spans(content, [dialect.credential_place])
        assert all(0 <= start < end <= len(content.raw) for start, end in spans)
        blank_spans(content.raw, spans)
    try:
        reading = dialect.read(content, StrategyDefaults("trend"))
    except Unreadable as error:
        _require_documented(error)
        return
    assert reading.dialect == dialect.name
    assert Intent.from_json(reading.intent.to_json()) == reading.intent
    intent_key(reading.intent, id_is_deterministic=reading.id_is_deterministic)
    carries_identity(reading.intent, reading.sent_at)
    for leg in reading.intent.legs:
        assert not leg.symbol_raw or instrument_of(leg.symbol_raw)
