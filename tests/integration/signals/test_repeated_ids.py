"""Ids, equal lines and equal requests over several trades: no exit is lost for its likeness.

Each case is a sequence of messages a minute or some seconds apart.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fusion_project.events.clock import now
from signals.models import Alert, Decision
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 14, 30, 10, tzinfo=UTC)


@pytest.fixture
def built(clock: Any) -> BuiltStrategy:
    clock.set(START)
    return strategy_built()


def send(built: BuiltStrategy, **members: Any) -> str:
    """Verdict and rule of one message."""
    answer = alert_received(built, json.dumps({"symbol": "EURUSD", **members}).encode())
    return f"{answer.verdict} {answer.reason}".strip()


def stamp() -> str:
    return f"{now():%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("time_name", ["timestamp", "timenow"])
def test_an_orders_name_over_three_round_trips_loses_no_trade(
    built: BuiltStrategy, clock: Any, time_name: str
) -> None:
    for _ in range(3):
        clock.advance(seconds=60)
        assert send(built, id="RsiLE", action="buy", **{time_name: stamp()}) == "accepted"
        clock.advance(seconds=60)
        closing = {"id": "Close entry(s) order RsiLE", "action": "sell", "market_position": "flat"}
        assert send(built, **closing, **{time_name: stamp()}) == "accepted"
    assert Decision.objects.filter(verb="exit").count() == 3


def test_an_id_without_a_time_protects_an_entry_for_ever_and_an_exit_for_half_a_minute(
    built: BuiltStrategy, clock: Any
) -> None:
    assert send(built, id="LE", action="buy") == "accepted"
    assert send(built, id="LX", action="close") == "accepted"
    clock.advance(seconds=29)
    assert send(built, id="LX", action="close") == "duplicate same_bytes"
    assert send(built, id="LX", action="close", comment="again") == "duplicate same_id"
    clock.advance(seconds=2)
    assert send(built, id="LX", action="close") == "accepted"
    assert send(built, id="LE", action="buy") == "duplicate same_bytes"
    clock.advance(seconds=86_400)
    assert send(built, id="LE", action="buy") == "duplicate same_bytes"


def test_the_same_id_content_and_time_is_the_same_alert(built: BuiltStrategy, clock: Any) -> None:
    told = {"id": "a17", "action": "buy", "timenow": stamp()}
    assert send(built, **told) == "accepted"
    clock.advance(seconds=40)
    assert send(built, **told, comment="sent again") == "duplicate same_id"
    assert send(built, **{**told, "action": "sell"}) == "accepted"
    assert Alert.objects.filter(sender_id="a17", id_is_unique=False).count() == 2


def test_a_reference_to_a_name_that_repeats_means_its_newest_alert(
    built: BuiltStrategy, clock: Any
) -> None:
    for _ in range(2):
        clock.advance(seconds=60)
        send(built, id="LE", action="buy", timenow=stamp())
    newest = Decision.objects.filter(verb="entry").latest("id")
    send(built, action="close", ref_id="LE", timenow=stamp())
    assert Decision.objects.get(verb="exit").target_trace_id == newest.trace_id


def test_equal_lines_within_half_a_minute_close_again_once_an_entry_came(
    built: BuiltStrategy, clock: Any
) -> None:
    told = []
    for action in ("close", "buy", "close", "close", "buy"):
        clock.advance(seconds=3)
        told.append(send(built, action=action))
    assert told == [
        "accepted",
        "accepted",
        "accepted",
        "duplicate same_bytes",
        "duplicate same_bytes",
    ]


def test_an_exit_on_the_bar_of_an_earlier_one_closes_what_was_opened_in_between(
    built: BuiltStrategy, clock: Any
) -> None:
    bar = {"bar_time": "2026-03-02T14:30:00Z", "interval": "15"}
    told = []
    for number, action in enumerate(("close", "buy", "close", "close")):
        clock.advance(seconds=3)
        told.append(send(built, action=action, **bar, comment=f"n{number}"))
    assert told == ["accepted", "accepted", "accepted", "duplicate same_intent"]
    clock.advance(seconds=3)
    assert send(built, action="buy", **bar, comment="late") == "duplicate same_intent"


def test_an_exit_that_says_when_it_was_sent_is_the_same_one_however_late(
    built: BuiltStrategy, clock: Any
) -> None:
    told = {"action": "close", "timenow": stamp()}
    assert send(built, **told) == "accepted"
    clock.advance(seconds=3)
    assert send(built, action="buy") == "accepted"
    clock.advance(seconds=3)
    assert send(built, **told) == "duplicate same_bytes"


def test_a_late_exit_that_names_no_trade_means_what_is_older_than_itself(
    built: BuiltStrategy, clock: Any
) -> None:
    send(built, action="buy", timenow=stamp())
    clock.advance(seconds=60)
    late = {"action": "close", "timenow": stamp()}
    clock.advance(seconds=60)
    send(built, action="buy", timenow=stamp())
    clock.advance(seconds=600)
    assert send(built, **late) == "accepted"
    older, younger = Decision.objects.filter(verb="entry").order_by("id")
    closing = Decision.objects.get(verb="exit")
    assert (closing.scope, closing.target_trace_id) == ("older", older.trace_id)
    assert (older.state, younger.state) == ("superseded", "proposed")


def test_a_late_exit_after_which_nothing_came_means_all(built: BuiltStrategy, clock: Any) -> None:
    send(built, action="buy", timenow=stamp())
    clock.advance(seconds=60)
    late = {"action": "close", "timenow": stamp()}
    clock.advance(seconds=600)
    send(built, **late)
    assert Decision.objects.get(verb="exit").scope == "symbol"
