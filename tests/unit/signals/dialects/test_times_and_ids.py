"""Times, ids and credentials of foreign alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from signals.dialects.base import Reading
from signals.dialects.credentials import credential_spans, loose_spans
from signals.intake.parsing import blank_spans, read_content
from tests.unit.signals.dialects.reading import ALL, asked, read


def _at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, second, tzinfo=UTC)


def _read(**members: Any) -> Reading:
    return read(json.dumps({"symbol": "EURUSD", "side": "buy", **members}))


def test_a_time_on_a_bar_of_the_interval_is_the_bars_start() -> None:
    reading = _read(time="2026-03-02T14:15:00Z", interval="15")
    assert reading.intent.bar_time == _at(14, 15)
    assert reading.signalled_at == _at(14, 30)
    assert reading.sent_at is None
    assert reading.intent.timeframe == "15"


def test_a_time_between_bars_is_when_it_was_sent() -> None:
    reading = _read(time="2026-03-02T14:30:05Z", interval="1H")
    assert (reading.intent.bar_time, reading.sent_at) == (None, _at(14, 30, 5))


def test_a_time_without_an_interval_is_when_it_was_sent() -> None:
    assert _read(time="2026-03-02T14:30:00Z").sent_at == _at(14, 30)


def test_bar_time_and_time_of_sending_are_told_apart_by_name() -> None:
    reading = _read(time="2026-03-02T14:15:00Z", timenow="2026-03-02T14:30:02Z", interval="15")
    assert (reading.intent.bar_time, reading.sent_at) == (_at(14, 15), _at(14, 30, 2))


@pytest.mark.parametrize("text", [1772461805000, "1772461805", "2026-03-02T15:30:05+01:00"])
def test_times_come_as_epoch_or_with_an_offset(text: Any) -> None:
    assert _read(timestamp=text).sent_at == _at(14, 30, 5)


@pytest.mark.parametrize(
    "text", ["2026-03-02T14:30:05", "14:30", "yesterday", "99999999999999", True]
)
def test_a_time_that_may_be_any_zone_is_refused(text: Any) -> None:
    body = json.dumps({"symbol": "EURUSD", "side": "buy", "time": text})
    assert asked(body) == "not_a_time"


@pytest.mark.parametrize(
    ("interval", "signalled"),
    [
        ("D", _at(0, 0).replace(day=3)),
        ("1M", _at(0, 0).replace(month=4)),
        ("3D", _at(0, 0).replace(day=5)),
    ],
)
def test_a_bar_closes_at_the_latest_after_its_length(interval: str, signalled: datetime) -> None:
    reading = _read(time="2026-03-02T00:00:00Z", interval=interval)
    assert reading.signalled_at == signalled
    assert reading.intent.timeframe == interval


@pytest.mark.parametrize(
    ("given", "kept"),
    [("ip-test", "ip-test"), (4711, "4711"), ("Close entry(s) order Long",) * 2, ("", None)],
)
def test_an_id_is_kept_and_may_be_borne_by_other_messages(given: Any, kept: str | None) -> None:
    reading = _read(id=given)
    assert (reading.intent.sender_id, reading.id_is_unique) == (kept, False)


@pytest.mark.parametrize(
    ("time", "interval"),
    [
        ("2026-03-02T13:30:00Z", "60"),  # India, United States: sessions begin at half past
        ("2026-03-02T22:00:00Z", "240"),  # OANDA: the day begins at 17:00 in New York
        ("2026-03-02T14:30:00Z", "1D"),
        ("2026-03-01T23:00:00Z", "W"),
    ],
)
def test_a_bar_may_start_in_any_exchanges_session(time: str, interval: str) -> None:
    reading = _read(time=time, interval=interval)
    assert (reading.intent.bar_time is not None, reading.sent_at) == (True, None)


def test_a_time_of_sending_decides_alone_how_old_a_message_is() -> None:
    reading = _read(bar_time="2026-03-02T10:00:00Z", timenow="2026-03-02T14:30:02Z", interval="60")
    assert (reading.signalled_at, reading.sent_at) == (None, _at(14, 30, 2))


def test_a_senders_own_limit_ends_an_entry() -> None:
    reading = _read(maxLag="60", timestamp="2026-03-02T14:30:05Z")
    assert reading.intent.expires_at == _at(14, 31, 5)
    assert asked(json.dumps({"symbol": "EURUSD", "side": "buy", "maxLag": 60})) == "missing_field"
    late = {"symbol": "EURUSD", "action": "close", "maxLag": 60}
    assert asked(json.dumps(late)) == "exit any EURUSD"


def test_an_alert_of_3commas_expires_after_its_lag() -> None:
    reading = read(
        '{"secret": "T", "max_lag": "300", "timestamp": "2026-03-02T14:30:05Z",'
        ' "tv_instrument": "BTCUSDT", "action": "enter_long", "bot_uuid": "x"}'
    )
    assert reading.intent.expires_at == _at(14, 35, 5)
    assert reading.sent_at == _at(14, 30, 5)


@pytest.mark.parametrize(
    "body",
    [
        "HUSH-HUSH,buy,EURUSD,risk=1",
        " HUSH-HUSH , closelong , EURUSD",
        "60123456789,buy,EURUSD,secret=HUSH-HUSH,risk=1",
        "HUSH-HUSH,EURUSD,buy,risk=0.01",
        "EXCHANGE=binance\nSYMBOL=BTCUSDT\nSIGNAL=BUY\nTOKEN=HUSH-HUSH\n",
        "signal=buy,symbol=EURUSD,secret=HUSH-HUSH",
        "signal=nonsense,symbol=EURUSD,secret = HUSH-HUSH ",
        '{"symbol": "EURUSD", "side": "buy", "apiKey" : "HUSH-HUSH"}',
        '{"data": {"symbol": "EURUSD", "side": "hm"}, "passphrase": "HUSH-HUSH"}',
        '{"apikey": "HUSH-HUSH", "symbol": "S", "action": "BUY", "exchange": "NSE"}',
        '{"ticker": "SQ", "action": "buy", "sentiment": "long", "token": "HUSH-HUSH"}',
        '{"email_token": "HUSH-HUSH", "bot_id": 1, "pair": "USDT_BTC"}',
    ],
)
def test_credentials_are_blanked_in_good_and_in_refused_bodies(body: str) -> None:
    raw = body.encode()
    content = read_content(raw)
    spans = credential_spans(content, [one.credential_place for one in ALL if one.claims(content)])
    blanked = blank_spans(raw, spans)
    assert b"HUSH" not in blanked
    assert b"[blanked]" in blanked


@pytest.mark.parametrize(
    "body",
    [
        '{ type: "BUY", apiKey: "HUSH-HUSH" }',
        "{'token': 'HUSH-HUSH', 'c': 'BUY'}",
        "password=HUSH-HUSH please buy",
        '{"secret": "HUSH-HUSH", "broken',
        "{“secret”: “HUSH-HUSH”, “action”: “buy”}",
        "please buy with token HUSH-HUSH-17",
        '{"jwt": "HUSH-HUSH',
    ],
)
def test_credentials_in_text_that_nobody_claims_are_found_as_well(body: str) -> None:
    raw = body.encode()
    assert not any(one.claims(read_content(raw)) for one in ALL)
    assert b"HUSH" not in blank_spans(raw, loose_spans(raw))
