"""Alerts of an example chart in words: the label of each, its row, and a sentence of all. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from fusion_project.text.formats import UNDEFINED, iso, state_word

EVENT_WORDS: Final = {
    "entry": "Asks to open a trade.",
    "exit": "Closes the whole trade.",
    "partial_exit": "Closes a share of the trade.",
    "amend": "Changes a trade or an order that is there.",
    "cancel": "Takes back an order that has not been filled.",
    "test": "Asks for nothing: proves that alerts arrive.",
    "bar": "Asks for nothing: tells the prices of a closed bar.",
}
_PLURALS: Final = {
    "entry": "entries",
    "exit": "exits",
    "partial_exit": "partial exits",
    "amend": "amendments",
    "cancel": "cancels",
    "test": "tests",
    "bar": "bar messages",
}
_UNITS: Final = {"S": "second", "": "minute", "D": "day", "W": "week", "M": "month"}

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert as the table and the chart show it; `look` names the shape of its mark."""

    at_seconds: int
    at_iso: str
    time: str
    label: str
    look: str
    event: str
    side: str
    price: str
    stop: str
    target: str
    reason: str


def alert_row(message: Message) -> AlertRow:
    seconds = message["bar_time"] // 1000
    at = datetime.fromtimestamp(seconds, tz=UTC)
    changes = message.get("amend", message)
    return AlertRow(
        at_seconds=seconds,
        at_iso=iso(at),
        time=time_text(at, message["tf"]),
        label=alert_label(message),
        look=_look(message),
        event=_event_text(message),
        side=message.get("side", UNDEFINED),
        price=message.get("ref_price") or message.get("close") or UNDEFINED,
        stop=changes.get("sl") or UNDEFINED,
        target=changes.get("tp") or UNDEFINED,
        reason=state_word(message.get("reason") or UNDEFINED),
    )


def alert_label(message: Message) -> str:
    """A few words for a mark on the chart."""
    event, reason = state_word(message["event"]), message.get("reason")
    if message["event"] == "entry":
        return f"{message['side']} entry"
    return f"{event}: {state_word(reason)}" if reason else event


def events_of(messages: Sequence[Message]) -> tuple[str, ...]:
    """The kinds of events sent, in the order in which a trade meets them."""
    sent = {message["event"] for message in messages}
    return tuple(event for event in EVENT_WORDS if event in sent) + tuple(
        sorted(sent - EVENT_WORDS.keys())
    )


def chart_sentence(
    bars: Sequence[Sequence[Any]], messages: Sequence[Message], *, timeframe: str, places: int
) -> str:
    """What the chart shows, from its numbers. Bars are [epoch seconds, open, high, low, close]."""
    first, last = (datetime.fromtimestamp(bars[n][0], tz=UTC) for n in (0, -1))
    low, high = min(bar[3] for bar in bars), max(bar[2] for bar in bars)
    start, end, low, high = (
        f"{Decimal(price):.{places}f}" for price in (bars[0][1], bars[-1][4], low, high)
    )
    return (
        f"{len(bars)} bars of {timeframe_words(timeframe)}, {time_text(first, timeframe)} to "
        f"{time_text(last, timeframe)} UTC. The price goes from {start} to {end}; lowest {low}, "
        f"highest {high}. {_sent_words(messages)}"
    )


def timeframe_words(timeframe: str) -> str:
    """`240` is 4 hours, `1D` and `D` are 1 day."""
    digits = timeframe.rstrip("SDWM")
    unit = _UNITS[timeframe[len(digits) :]]
    count = int(digits or 1)
    if unit == "minute" and count % 60 == 0:
        unit, count = "hour", count // 60
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def time_text(at: datetime, timeframe: str) -> str:
    """The opening time of a bar; whole days need no clock."""
    return f"{at:%d %b %Y}" if timeframe[-1:] in "DWM" else f"{at:%d %b %Y %H:%M}"


def _sent_words(messages: Sequence[Message]) -> str:
    counts = Counter(message["event"] for message in messages)
    if not counts:
        return "The script sent no alert in these bars."
    parts = []
    for event in events_of(messages):
        ones = [message for message in messages if message["event"] == event]
        word = _PLURALS.get(event, event) if len(ones) > 1 else state_word(event)
        parts.append(f"{len(ones)} {word}{_detail(event, ones)}")
    alerts = "1 alert" if len(messages) == 1 else f"{len(messages)} alerts"
    return f"The script sent {alerts}: {', '.join(parts)}."


def _detail(event: str, messages: Sequence[Message]) -> str:
    member = "side" if event == "entry" else "reason"
    counts = Counter(one[member] for one in messages if one.get(member))
    if len(counts) == 1:
        return f" ({state_word(next(iter(counts)))})"
    words = ", ".join(f"{count} {state_word(value)}" for value, count in counts.most_common())
    return f" ({words})" if words else ""


def _event_text(message: Message) -> str:
    event, kind = state_word(message["event"]), message.get("order_type", "market")
    price = message.get("stop_price") or message.get("limit_price")
    return event if kind == "market" else f"{event}, {state_word(kind)} order at {price}"


def _look(message: Message) -> str:
    if message["event"] == "entry":
        return str(message["side"])
    return message["event"] if message["event"] in ("exit", "bar") else "other"
