"""Builds `df.signal` v1 messages as our Pine scripts send them, and their curl commands. Pure."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fusion_project.local.market.rules.prices import BAR_SECONDS, INSTRUMENTS, Instrument, WideBar

SCRIPT_VERSION = "1.0.0"
TIMEFRAME = "5S"
# What alerts sent by hand trade. The sample market leaves these strategies alone.
HAND_STRATEGY, HAND_INSTRUMENT = "demo", "EURUSD"
# The same, but a person decides each of its entries.
HAND_REVIEW_STRATEGY = "demo-review"


def entry_message(
    *,
    script: str,
    instrument: Instrument,
    bar_open_at: datetime,
    sent_at: datetime,
    side: str,
    price: Decimal,
    stop_share: Decimal,
    payoff: Decimal,
    reason: str = "",
) -> dict[str, Any]:
    """An entry with stop and target; `stop_share` is the stop's distance as a share of price."""
    sign = 1 if side == "buy" else -1
    distance = price * stop_share
    message = _common(script, instrument, bar_open_at, sent_at, "entry", side, price)
    return {
        **message,
        "trade_id": message["id"],
        "position": "long" if side == "buy" else "short",
        "order_type": "market",
        "size_mode": "risk_pct",
        "size": "0.50",
        "sl": _price(price - sign * distance, instrument),
        "tp": _price(price + sign * distance * payoff, instrument),
        **({"reason": reason} if reason else {}),
    }


def exit_message(
    *,
    script: str,
    instrument: Instrument,
    bar_open_at: datetime,
    sent_at: datetime,
    entry_side: str,
    trade_id: str,
    price: Decimal,
    reason: str = "",
) -> dict[str, Any]:
    """The exit of a trade; its side is the closing order's, opposite to the entry's."""
    side = "sell" if entry_side == "buy" else "buy"
    return {
        **_common(script, instrument, bar_open_at, sent_at, "exit", side, price),
        "trade_id": trade_id,
        "position": "flat",
        **({"reason": reason} if reason else {}),
    }


def bar_message(
    *, script: str, instrument: Instrument, bar: WideBar, timeframe: str, sent_at: datetime
) -> dict[str, Any]:
    """A closed bar; the sample has no volume."""
    where = f"{instrument.exchange}:{instrument.name}:{timeframe}"
    prices = {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close}
    return {
        "schema": "df.signal",
        "v": 1,
        "minor": 1,
        "id": f"{script}:{SCRIPT_VERSION}:{where}:{_ms(bar.open_at)}:bar",
        "event": "bar",
        "script": script,
        "script_ver": SCRIPT_VERSION,
        "symbol": instrument.name,
        "exchange": instrument.exchange,
        "tf": timeframe,
        "bar_time": _ms(bar.open_at),
        "bar_close": _ms(bar.close_at),
        "sent_at": _ms(sent_at),
        "env": "paper",
        **{name: _price(price, instrument) for name, price in prices.items()},
        "volume": None,
    }


def message_text(message: dict[str, Any]) -> str:
    """One line of JSON, as a script would put it together."""
    return json.dumps(message, separators=(",", ":"))


def curl_pair(
    *, base_url: str, hook_path: str, script: str, instrument: str, price: Decimal
) -> tuple[str, str]:
    """Paste-ready entry and exit of one trade; the shell fills in the time of pasting.

    The stop is 2 % away: the text stays good for hours, and the lots stay above the smallest.
    """
    one = INSTRUMENTS[instrument]
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    entry = entry_message(
        script=script,
        instrument=one,
        bar_open_at=epoch,
        sent_at=epoch,
        side="buy",
        price=price,
        stop_share=Decimal("0.02"),
        payoff=Decimal(2),
        reason="by_hand",
    )
    leaving = exit_message(
        script=script,
        instrument=one,
        bar_open_at=epoch,
        sent_at=epoch,
        entry_side="buy",
        trade_id=entry["trade_id"],
        price=price,
        reason="by_hand",
    )
    url = f"{base_url}{hook_path}"
    return (
        f"T0=$(date +%s)000; {_curl(url, message_text(entry), trade_time='$T0', time='$T0')}",
        f"T1=$(date +%s)000; {_curl(url, message_text(leaving), trade_time='$T0', time='$T1')}",
    )


def _curl(url: str, text: str, *, trade_time: str, time: str) -> str:
    """Put shell variables where the placeholder times are (the trade id keeps the entry's)."""
    placeholder = str(_ms(datetime(2000, 1, 1, tzinfo=UTC)))
    closed = str(_ms(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=BAR_SECONDS)))
    before, mark, trade_id = text.partition('"trade_id":"')
    own, quote, after = trade_id.partition('"')
    parts = [
        before.replace(placeholder, f"'{time}'"),
        mark,
        own.replace(placeholder, f"'{trade_time}'"),
        quote,
        after.replace(placeholder, f"'{time}'"),
    ]
    body = "".join(parts).replace(closed, f"'{time}'")
    return f"curl -sS -i '{url}' -H 'Content-Type: application/json' -d '{body}'"


def _common(
    script: str,
    instrument: Instrument,
    bar_open_at: datetime,
    sent_at: datetime,
    event: str,
    side: str,
    price: Decimal,
) -> dict[str, Any]:
    bar_time = _ms(bar_open_at)
    where = f"{instrument.exchange}:{instrument.name}:{TIMEFRAME}"
    return {
        "schema": "df.signal",
        "v": 1,
        "minor": 0,
        "id": f"{script}:{SCRIPT_VERSION}:{where}:{bar_time}:{event}:{side}:0",
        "event": event,
        "script": script,
        "script_ver": SCRIPT_VERSION,
        "symbol": instrument.name,
        "exchange": instrument.exchange,
        "tf": TIMEFRAME,
        "bar_time": bar_time,
        "bar_close": bar_time + BAR_SECONDS * 1_000,
        "sent_at": _ms(sent_at),
        "side": side,
        "ref_price": _price(price, instrument),
        "env": "paper",
    }


def _price(price: Decimal, instrument: Instrument) -> str:
    return f"{price.quantize(instrument.tick_size):f}"


def _ms(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
