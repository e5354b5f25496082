"""The sample scripts behave like Pine scripts and speak the published contract."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import signals
from fusion_project.local.market.rules.alert_text import curl_pair, message_text
from fusion_project.local.market.rules.prices import BAR_SECONDS, INSTRUMENTS, Bar, Market
from fusion_project.local.market.rules.sample_rules import (
    ENTRY_BARS,
    SAMPLE_STRATEGIES,
    SampleStrategy,
    is_entry_bar,
)
from fusion_project.local.market.rules.sample_script import OpenTrade, bars_needed, messages_next
from fusion_project.local.market.sample_market import bad_text
from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.df_signal import DfSignal
from signals.intake.parsing import read_content
from signals.watch.rate import fire_rate

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RULE = SampleStrategy("rule", "Rule", ("EURUSD",), fast=2, slow=4, band_percent=10)
HOLDER = SampleStrategy("holder", "Holder", ("EURUSD",), 2, 4, 10, holds=True)
SCHEMA = json.loads(
    (Path(signals.__file__).parent / "schemas" / "df.signal.v1.json").read_text(encoding="utf-8")
)


def bars(*closes: str) -> list[Bar]:
    """Bars of which the last is one for entries; the first close stood for long before."""
    prices = [Decimal(close) for close in (*closes[:1] * ENTRY_BARS, *closes)]
    began = AT - timedelta(seconds=BAR_SECONDS * len(prices))
    made = [
        Bar(began + timedelta(seconds=BAR_SECONDS * number), price, price, price, price)
        for number, price in enumerate(prices)
    ]
    assert is_entry_bar(made[-1])
    return made


def events(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(message["event"], message["side"]) for message in messages]


RISING = bars("1.0800", "1.0800", "1.0800", "1.0800", "1.0810")
FALLING = bars("1.0810", "1.0810", "1.0810", "1.0810", "1.0800")
FLAT = bars("1.0800", "1.0800", "1.0800", "1.0800", "1.0800")
LONG = OpenTrade("t1", "buy", Decimal("1.0700"), Decimal("1.0900"))


def test_a_new_wish_is_an_entry_with_stop_and_target_on_their_sides() -> None:
    trade, messages = messages_next(RULE, "EURUSD", RISING, None, AT)
    assert trade is None
    assert events(messages) == [("entry", "buy")]
    one = messages[0]
    assert Decimal(one["sl"]) < Decimal(one["ref_price"]) < Decimal(one["tp"])
    assert one["trade_id"] == one["id"]


def test_an_old_wish_is_no_entry() -> None:
    rising = bars(*(f"1.0{790 + 10 * number}" for number in range(2 * ENTRY_BARS)))
    assert messages_next(RULE, "EURUSD", rising, None, AT)[1] == []


def test_a_script_enters_at_the_close_of_entry_bars_alone_and_leaves_at_any() -> None:
    assert messages_next(RULE, "EURUSD", RISING[1:], None, AT)[1] != []
    later = [*RISING, Bar(AT, *[Decimal("1.0820")] * 4)]
    assert messages_next(RULE, "EURUSD", later, None, AT)[1] == []
    falling = [*FALLING, Bar(AT, *[Decimal("1.0790")] * 4)]
    assert events(messages_next(RULE, "EURUSD", falling, LONG, AT)[1]) == [("exit", "sell")]


def test_a_wish_that_fades_is_an_exit_on_the_opposite_side() -> None:
    trade, messages = messages_next(RULE, "EURUSD", FLAT, LONG, AT)
    assert trade is None
    assert events(messages) == [("exit", "sell")]
    assert messages[0]["trade_id"] == "t1"


def test_a_reversal_is_an_exit_and_then_an_entry_with_different_ids() -> None:
    _, messages = messages_next(RULE, "EURUSD", FALLING, LONG, AT)
    assert events(messages) == [("exit", "sell"), ("entry", "sell")]
    assert messages[0]["id"] != messages[1]["id"]


def test_a_holding_script_waits_for_the_opposite_wish() -> None:
    assert messages_next(HOLDER, "EURUSD", FLAT, LONG, AT) == (LONG, [])
    _, messages = messages_next(HOLDER, "EURUSD", FALLING, LONG, AT)
    assert events(messages) == [("exit", "sell"), ("entry", "sell")]


def test_a_trade_whose_bracket_was_hit_is_forgotten_without_a_message() -> None:
    near = OpenTrade("t1", "buy", Decimal("1.0799"), Decimal("1.0800"))
    assert messages_next(RULE, "EURUSD", FLAT, near, AT) == (None, [])


def test_a_script_started_twice_on_the_same_bars_says_the_same() -> None:
    first = messages_next(RULE, "EURUSD", RISING, None, AT)
    assert first == messages_next(RULE, "EURUSD", RISING, None, AT)


def test_an_open_trade_survives_its_file() -> None:
    assert OpenTrade.from_json(json.loads(json.dumps(LONG.to_json()))) == LONG


def played(rounds: int) -> list[dict[str, Any]]:
    """All messages of all strategies over this many bars of the sample market."""
    market, found = Market(), []
    for rule in SAMPLE_STRATEGIES:
        for name in rule.instruments:
            trade: OpenTrade | None = None
            history = market.bars(name, until=AT, count=rounds + bars_needed(rule))
            for end in range(bars_needed(rule), len(history) + 1):
                part = history[end - bars_needed(rule) : end]
                trade, messages = messages_next(rule, name, part, trade, part[-1].close_at)
                for message in messages:
                    found.append(message)
                    if message["event"] == "entry":
                        trade = OpenTrade.of_entry(message)
    return found


@pytest.fixture(scope="module")
def half_an_hour() -> list[dict[str, Any]]:
    return played(360)


def test_the_whole_sample_posts_an_alert_every_five_to_ten_seconds(
    half_an_hour: list[dict[str, Any]],
) -> None:
    assert 180 <= len(half_an_hour) <= 360


def test_no_alert_fires_so_often_that_tradingview_would_stop_it(
    half_an_hour: list[dict[str, Any]],
) -> None:
    fires: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in half_an_hour:
        at = datetime.fromtimestamp(one["sent_at"] / 1000, UTC)
        fires[one["script"], one["symbol"]].append(at)
    for times in fires.values():
        assert not any(fire_rate(times, at).is_high for at in times)


def test_the_sample_contains_reversals(half_an_hour: list[dict[str, Any]]) -> None:
    reasons = {message.get("reason") for message in half_an_hour}
    assert {"crossing", "faded", "reversal"} <= reasons


def test_no_two_messages_share_an_id(half_an_hour: list[dict[str, Any]]) -> None:
    assert len({message["id"] for message in half_an_hour}) == len(half_an_hour)


def test_every_message_follows_the_schema_and_is_read_by_the_dialect(
    half_an_hour: list[dict[str, Any]],
) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for message in half_an_hour:
        validator.validate(message)
        reading = DfSignal().read(
            read_content(message_text(message).encode()), StrategyDefaults("rule")
        )
        assert reading.intent.legs[0].verb == message["event"]


@pytest.mark.parametrize("kind", range(4))
def test_a_bad_alert_is_refused_by_the_dialect(kind: int) -> None:
    _, messages = messages_next(RULE, "EURUSD", RISING, None, AT)
    content = read_content(bad_text(messages[0], kind).encode())
    if content.is_json:
        with pytest.raises(Refused):
            DfSignal().read(content, StrategyDefaults("rule"))


def test_the_printed_curl_pair_is_one_trade_once_the_shell_has_filled_it_in() -> None:
    texts = []
    pair = curl_pair(
        base_url="http://127.0.0.1:8000",
        hook_path="/hooks/tradingview/demo/s",
        script="demo",
        instrument="EURUSD",
        price=INSTRUMENTS["EURUSD"].anchor,
    )
    for command in pair:
        body = command.partition("-d '")[2].rstrip("'")
        body = body.replace("'$T0'", "1772443800000").replace("'$T1'", "1772443900000")
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(body))
        texts.append(json.loads(body))
    entry, leaving = texts
    assert (entry["event"], leaving["event"]) == ("entry", "exit")
    assert leaving["trade_id"] == entry["id"]
    assert leaving["bar_time"] > entry["bar_time"]
