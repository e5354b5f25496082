"""Inputs of the signals room: `df.signal` messages as a chart would send them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import factory

if TYPE_CHECKING:  # what the factories make
    _Message = dict[str, Any]
else:
    _Message = factory.DictFactory

BAR_SECONDS = 900
_START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class DfSignalFactory(_Message):
    """The members every event has. `at` is when the bar closed and the alert was sent."""

    class Meta:
        exclude = ("at", "number")

    at = _START
    number = factory.Sequence(lambda n: n)

    schema = "df.signal"
    v = 1
    minor = 0
    event = "test"
    script = "df-ema-cross"
    script_ver = "1.0.0"
    symbol = "EURUSD"
    exchange = "OANDA"
    tf = "15"
    bar_time = factory.LazyAttribute(lambda o: _ms(o.at) - BAR_SECONDS * 1000)
    bar_close = factory.LazyAttribute(lambda o: _ms(o.at))
    sent_at = factory.LazyAttribute(lambda o: _ms(o.at))
    env = "paper"
    id = factory.LazyAttribute(lambda o: f"{o.script}:{o.symbol}:{o.bar_time}:{o.event}:{o.number}")


class TestSignalFactory(DfSignalFactory):
    """A test message: asks for nothing."""

    __test__ = False


class EntryFactory(DfSignalFactory):
    """A market buy with stop and target."""

    event = "entry"
    side = "buy"
    position = factory.LazyAttribute(lambda o: {"buy": "long", "sell": "short"}[o.side])
    order_type = "market"
    size_mode = "risk_pct"
    size = "1.00"
    ref_price = "1.08420"
    sl = factory.LazyAttribute(lambda o: {"buy": "1.08220", "sell": "1.08620"}[o.side])
    tp = factory.LazyAttribute(lambda o: {"buy": "1.08720", "sell": "1.08120"}[o.side])
    trade_id = factory.SelfAttribute("id")


class ExitFactory(DfSignalFactory):
    """Closes the long named by `trade_id`."""

    event = "exit"
    side = "sell"
    position = "flat"
    ref_price = "1.08520"
    trade_id = "some-trade"


class PartialExitFactory(ExitFactory):
    """Closes half of the long."""

    event = "partial_exit"
    position = "long"
    close_pct = "50"


class AmendFactory(DfSignalFactory):
    """Moves the long's stop to break-even."""

    event = "amend"
    side = "buy"
    position = "long"
    ref_price = "1.08520"
    trade_id = "some-trade"
    ref_id = "some-trade"
    amend = factory.LazyFunction(lambda: {"sl": "1.08420"})


class CancelFactory(DfSignalFactory):
    """Cancels a pending entry."""

    event = "cancel"
    position = "flat"
    ref_price = "1.08520"
    trade_id = "some-trade"
    ref_id = "some-trade"


class BarFactory(DfSignalFactory):
    """Tells a closed bar."""

    event = "bar"
    minor = 1
    open = "1.08400"
    high = "1.08500"
    low = "1.08350"
    close = "1.08420"
    volume = "1200.0000"


def body_of(message: dict[str, Any]) -> bytes:
    """The bytes a chart would send."""
    return json.dumps(message, separators=(",", ":")).encode()
