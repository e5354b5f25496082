"""Alerts of an example chart in words, and the sentence that the numbers make."""

from decimal import Decimal

import pytest

from fusion_project.community.presenting.alert_words import (
    alert_label,
    alert_row,
    chart_sentence,
    events_of,
    timeframe_words,
)

ENTRY = {
    "event": "entry",
    "side": "buy",
    "reason": "ema_cross",
    "tf": "15",
    "order_type": "market",
    "bar_time": 1_736_466_300_000,
    "ref_price": "1.01133",
    "sl": "1.00997",
    "tp": None,
}
EXIT = {**ENTRY, "event": "exit", "side": "sell", "reason": "target", "order_type": "market"}
BARS = [
    [1_736_466_300, Decimal("1.5"), Decimal("2.25"), Decimal("1.25"), Decimal(2)],
    [1_736_467_200, Decimal(2), Decimal("2.5"), Decimal("1.75"), Decimal("1.75")],
]


def test_labels_are_a_few_words() -> None:
    assert alert_label(ENTRY) == "buy entry"
    assert alert_label(EXIT) == "exit: target"
    assert alert_label({"event": "partial_exit", "reason": "first_distance"}) == (
        "partial exit: first distance"
    )
    assert alert_label({"event": "test"}) == "test"


def test_a_row_tells_the_opening_of_its_bar_and_what_is_not_there_as_a_dash() -> None:
    row = alert_row(ENTRY)
    assert (row.time, row.at_iso) == ("09 Jan 2025 23:45", "2025-01-09T23:45:00Z")
    assert row.at_seconds == 1_736_466_300
    assert (row.price, row.stop, row.target) == ("1.01133", "1.00997", "—")
    assert (row.event, row.look, row.reason) == ("entry", "buy", "ema cross")


def test_a_waiting_order_tells_its_price() -> None:
    row = alert_row({**ENTRY, "order_type": "stop", "stop_price": "1.02"})
    assert row.event == "entry, stop order at 1.02"


def test_an_amendment_shows_the_new_stop() -> None:
    row = alert_row({**ENTRY, "event": "amend", "amend": {"sl": "1.01"}})
    assert (row.stop, row.target, row.look) == ("1.01", "—", "other")


def test_a_bar_shows_its_close() -> None:
    row = alert_row({"event": "bar", "tf": "D", "bar_time": 1_736_467_200_000, "close": "2.5"})
    assert (row.price, row.time, row.look, row.side) == ("2.5", "10 Jan 2025", "bar", "—")


def test_the_sentence_tells_bars_prices_and_what_was_sent() -> None:
    messages = [ENTRY, EXIT, {**ENTRY, "side": "sell"}, {**EXIT, "reason": "stop"}]
    assert chart_sentence(BARS, messages, timeframe="15", places=2) == (
        "2 bars of 15 minutes, 09 Jan 2025 23:45 to 10 Jan 2025 00:00 UTC. The price goes from "
        "1.50 to 1.75; lowest 1.25, highest 2.50. The script sent 4 alerts: "
        "2 entries (1 buy, 1 sell), 2 exits (1 target, 1 stop)."
    )


def test_a_single_reason_is_not_counted_twice_and_no_alert_is_said() -> None:
    one = chart_sentence(BARS, [EXIT], timeframe="15", places=2)
    assert one.endswith("The script sent 1 alert: 1 exit (target).")
    none = chart_sentence(BARS, [], timeframe="15", places=2)
    assert none.endswith("The script sent no alert in these bars.")


def test_events_stand_in_the_order_of_a_trade_and_unknown_ones_last() -> None:
    messages = [{"event": one} for one in ("zoom", "exit", "cancel", "entry", "exit")]
    assert events_of(messages) == ("entry", "exit", "cancel", "zoom")


@pytest.mark.parametrize(
    ("timeframe", "words"),
    [
        ("1", "1 minute"),
        ("15", "15 minutes"),
        ("60", "1 hour"),
        ("240", "4 hours"),
        ("1D", "1 day"),
        ("D", "1 day"),
        ("2W", "2 weeks"),
        ("15S", "15 seconds"),
    ],
)
def test_a_timeframe_is_read_as_words(timeframe, words) -> None:
    assert timeframe_words(timeframe) == words
