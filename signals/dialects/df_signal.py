"""`df.signal` v1, what our own Pine scripts send; `schemas/df.signal.v1.json` says it. Pure.

Unknown members are refused: a misspelt stop must not become an order without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import PositionTold, Reading, Refused, StrategyDefaults
from signals.dialects.credentials import CredentialPlace
from signals.intake.parsing import Content, check_string
from signals.intents.intent import Intent
from signals.intents.legs import BAR_PRICES, BarPrices, Leg, Size, Target
from signals.intents.plan import Plan
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.market.timeframes import timeframe_seconds

NAME: Final = "df.signal/1"
EVENTS: Final = ("entry", "exit", "partial_exit", "amend", "cancel", "test", "bar")
# Events that ask for nothing, by the kind of intent they are.
KINDS: Final = {"test": "test", "bar": "bar"}
AMENDABLE: Final = ("sl", "tp", "limit_price", "stop_price")
_ID: Final = re.compile(r"[A-Za-z0-9:._!&/\-]{1,160}")
_WORD: Final = re.compile(r"[A-Za-z0-9 _.\-]{1,64}")
_SEMVER: Final = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")
_TIMEFRAME: Final = re.compile(r"[0-9]{1,4}[A-Z]?|[SDWM]")
_DECIMAL: Final = re.compile(r"[0-9]{1,14}(\.[0-9]{1,10})?")
_MS_MAX: Final = 4_102_444_800_000  # the year 2100

_ALWAYS: Final = frozenset(
    {
        *("schema", "v", "minor", "id", "event", "script", "script_ver", "symbol", "exchange"),
        *("tf", "bar_time", "bar_close", "sent_at", "env"),
    }
)
_COMMON: Final = frozenset(
    [
        "schema",
        "v",
        "minor",
        "id",
        "event",
        "script",
        "script_ver",
        "symbol",
        "exchange",
        "tf",
        "bar_time",
        "bar_close",
        "sent_at",
        "position",
        "ref_price",
        "reason",
        "tags",
        "env",
        "key",
    ]
)
_TRADE: Final = _COMMON | {"trade_id"}
_BAR: Final = frozenset({"open", "high", "low", "close", "volume"})
_PRICES: Final = frozenset({"order_type", "limit_price", "stop_price", "tif", "expires_at"})
_FIRST: Final = ("cancel_first", "flatten_first")
_PLANNED: Final = frozenset({"plan", *_FIRST})
_SIZE_MODES: Final = ("lots", "risk_pct", "risk_money", "equity_pct", "qty", "notional")
MEMBERS: Final[dict[str, frozenset[str]]] = {
    "entry": _TRADE | _PRICES | {"side", "size_mode", "size", "sl", "tp"} | _PLANNED,
    "exit": _TRADE | {"side"},
    "partial_exit": _TRADE | {"side", "close_pct"},
    "amend": _TRADE | {"side", "ref_id", "amend"},
    "cancel": _TRADE | {"ref_id"},
    "test": _COMMON | {"trade_id", "side"},
    "bar": _COMMON - {"position", "ref_price"} | _BAR,
}
REQUIRED: Final[dict[str, frozenset[str]]] = {
    "entry": _ALWAYS
    | {"trade_id", "side", "position", "order_type", "size_mode", "size", "ref_price"},
    "exit": _ALWAYS | {"trade_id", "side", "position", "ref_price"},
    "partial_exit": _ALWAYS | {"trade_id", "side", "position", "ref_price", "close_pct"},
    "amend": _ALWAYS | {"trade_id", "side", "position", "ref_price", "ref_id", "amend"},
    "cancel": _ALWAYS | {"trade_id", "position", "ref_price", "ref_id"},
    "test": _ALWAYS,
    "bar": _ALWAYS | _BAR,
}


class DfSignal:
    """The adapter of `df.signal` v1."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim every JSON object that names the schema, whatever its version."""
        return isinstance(content.data, dict) and content.data.get("schema") == "df.signal"

    def credential(self, content: Content) -> str | None:
        """The body carries none that opens our door: `key` is private to the sender."""
        return None

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused` with what is wrong."""
        return _read(content.data)


def _read(data: Mapping[str, Any]) -> Reading:
    event = _check_members(data)
    symbol = _symbol(data)
    bar_time, bar_close = _time(data, "bar_time"), _time(data, "bar_close")
    if bar_close < bar_time:
        raise Refused("not_a_time", "bar_close is before bar_time.")
    if event == "bar":
        _check_bar_times(data, bar_time, bar_close)
    intent = Intent(
        kind=KINDS.get(event, "trade"),
        legs=() if event in KINDS else (*_first(data, symbol), _leg(data, event, symbol)),
        sender_id=_match(data, "id", _ID),
        trade_ref=_match(data, "trade_id", _ID) if "trade_id" in data else None,
        ref_id=_match(data, "ref_id", _ID) if "ref_id" in data else None,
        timeframe=_match(data, "tf", _TIMEFRAME),
        bar_time=bar_time,
        expires_at=_time(data, "expires_at") if data.get("expires_at") is not None else None,
        ref_price=_decimal(data, "ref_price"),
        bar=_bar(data, symbol, bar_close) if event == "bar" else None,
        env=None if event in KINDS or data["env"] == "test" else data["env"],
        sources={"legs.0.side": "default"} if event == "cancel" else {},
    )
    # What was made for tests is checked like a trade and asks for nothing.
    is_rehearsal = intent.kind == "trade" and data["env"] == "test"
    if is_rehearsal:
        intent = replace(intent, kind="test", legs=(), sources={})
    return Reading(
        dialect=NAME,
        intent=intent,
        signalled_at=bar_close,
        sent_at=_time(data, "sent_at"),
        id_is_deterministic=True,
        id_is_unique=True,
        position=None if is_rehearsal else _position(data, event, symbol),
    )


def _check_members(data: Mapping[str, Any]) -> str:
    """Check version, event and member names; return the event."""
    if data.get("v") != 1 or isinstance(data.get("v"), bool):
        raise Refused("wrong_schema", "v must be 1.")
    event = data.get("event")
    if event not in EVENTS:
        raise Refused("unknown_event", f"event must be one of {', '.join(EVENTS)}.")
    unknown = sorted(set(data) - MEMBERS[event])
    if unknown:
        raise Refused("unknown_field", f"{unknown[0]!r} does not belong to {event}.")
    missing = sorted(REQUIRED[event] - set(data))
    if missing:
        raise Refused("missing_field", f"{missing[0]!r} is missing.")
    _check_common(data)
    _check_position(data, event)
    return str(event)


def _check_common(data: Mapping[str, Any]) -> None:
    for value in data.values():
        if isinstance(value, str):
            check_string(value)
    minor = data["minor"]
    if not isinstance(minor, int) or isinstance(minor, bool) or minor < 0:
        raise Refused("wrong_type", "minor must be a whole number.")
    _match(data, "script", _WORD)
    _match(data, "script_ver", _SEMVER)
    if data["env"] not in ("live", "paper", "test"):
        raise Refused("wrong_env", "env must be live, paper or test.")
    if data.get("reason") is not None:
        _match(data, "reason", _WORD)
    tags = data.get("tags")
    if tags is not None and not (
        isinstance(tags, list) and len(tags) <= 8 and all(isinstance(tag, str) for tag in tags)
    ):
        raise Refused("wrong_type", "tags must be at most 8 strings.")
    for tag in tags or ():
        check_string(tag)
    if data.get("tif") not in (None, "day", "gtc", "ioc", "fok", "gtd"):
        raise Refused("wrong_type", "tif must be day, gtc, ioc, fok or gtd.")
    if data.get("key") is not None and not isinstance(data["key"], str):
        raise Refused("wrong_type", "key must be text.")
    _check_switches(data)


def _check_switches(data: Mapping[str, Any]) -> None:
    for name in _FIRST:
        if data.get(name) is not None and not isinstance(data[name], bool):
            raise Refused("wrong_type", f"{name} must be true or false.")


def _check_position(data: Mapping[str, Any], event: str) -> None:
    """`position` is the intended state after the event, so it must fit event and side."""
    position, side = data.get("position"), data.get("side")
    if "position" in data and position not in ("long", "short", "flat"):
        raise Refused("position_mismatch", "position must be long, short or flat.")
    if "side" in data and side not in ("buy", "sell"):
        raise Refused("unknown_side", "side must be buy or sell.")
    if event == "entry" and position != {"buy": "long", "sell": "short"}[str(side)]:
        raise Refused("position_mismatch", "After an entry the position must be its side.")
    if event == "exit" and position != "flat":
        raise Refused("position_mismatch", "After an exit the position must be flat.")
    if event == "partial_exit" and position != {"buy": "short", "sell": "long"}[str(side)]:
        raise Refused("position_mismatch", "A partial exit sells a long or buys back a short.")


def _position(data: Mapping[str, Any], event: str, symbol: str) -> PositionTold | None:
    """What `position` tells. A reversal is two messages, so an entry starts flat or on its side.

    A script forgets a trade that its stop or target closed, or whose order was never filled,
    without a message: only an entry at the market without a bracket surely stays open.
    """
    after = data.get("position")
    if after is None:
        return None
    closed = {"buy": "short", "sell": "long"}.get(str(data.get("side")), "")
    before = {
        "entry": {"flat", after},
        "exit": {closed},
        "cancel": set(),
    }.get(event, {after})
    is_sure = event == "entry" and data.get("order_type") == "market"
    if event == "entry" and data.get("flatten_first"):
        before |= {"long", "short"}
    ends_by_itself = ("sl", "tp", "plan")
    is_bracketed = any(data.get(name) is not None for name in ends_by_itself)
    possible = {after} if is_sure and not is_bracketed else {after, "flat"}
    return PositionTold(symbol_raw=symbol, before=frozenset(before), after=frozenset(possible))


def _check_bar_times(data: Mapping[str, Any], bar_time: datetime, bar_close: datetime) -> None:
    """Bars of ticks, ranges or bricks have no length of time, and nothing can be read off them."""
    if bar_close == bar_time:
        raise Refused("not_a_time", "A bar closes after it opens.")
    if timeframe_seconds(_match(data, "tf", _TIMEFRAME)) is None:
        raise Refused("wrong_type", "The tf of a bar must be a length of time.")


def _bar(data: Mapping[str, Any], symbol: str, close_at: datetime) -> BarPrices:
    prices = {name: _needed(_decimal(data, name), name) for name in BAR_PRICES}
    volume = _decimal(data, "volume")
    return BarPrices(symbol_raw=symbol, volume=volume, close_at=close_at, **prices)


def _leg(data: Mapping[str, Any], event: str, symbol: str) -> Leg:
    if event == "entry":
        return _entry_leg(data, symbol)
    if event == "amend":
        return _amend_leg(data, symbol)
    # An amend's and an entry's side is the trade's; an exit's is the closing order's.
    side = str(data["side"]) if event != "cancel" else "any"
    return Leg(
        verb=event,
        side=side,
        symbol_raw=symbol,
        close_pct=_decimal(data, "close_pct") if event == "partial_exit" else None,
    )


def _first(data: Mapping[str, Any], symbol: str) -> list[Leg]:
    """What comes before the entry: entries that wait are taken back, what is open is closed."""
    verbs = {"cancel_first": "cancel_all", "flatten_first": "exit"}
    asked = [verbs[name] for name in _FIRST if data.get(name)]
    return [Leg(verb=verb, side="any", symbol_raw=symbol) for verb in asked]


def _entry_leg(data: Mapping[str, Any], symbol: str) -> Leg:
    if data["size_mode"] not in _SIZE_MODES:
        raise Refused("unknown_size_mode", "size_mode is not known.")
    return Leg(
        verb="entry",
        side=str(data["side"]),
        symbol_raw=symbol,
        order_type=_text(data, "order_type"),
        limit_price=_decimal(data, "limit_price"),
        stop_price=_decimal(data, "stop_price"),
        size=Size(str(data["size_mode"]), _needed(_decimal(data, "size"), "size")),
        sl=_price_target(_decimal(data, "sl")),
        tp=_price_target(_decimal(data, "tp")),
        plan=None if data.get("plan") is None else Plan.from_dict(data["plan"]),
        **_life(data),
    )


def _life(data: Mapping[str, Any]) -> dict[str, Any]:
    """How long the entry lives; a waiting one that expires and says no more is good till then."""
    expires_at = _time(data, "expires_at") if data.get("expires_at") is not None else None
    rests = data["order_type"] != "market"
    tif = data.get("tif") or ("gtd" if rests and expires_at is not None else "")
    return {"tif": tif, "good_until": expires_at if tif == "gtd" else None}


def _amend_leg(data: Mapping[str, Any], symbol: str) -> Leg:
    changes = data["amend"]
    if not isinstance(changes, dict):
        raise Refused("wrong_type", "amend must be an object.")
    unknown = sorted(set(changes) - set(AMENDABLE))
    if unknown:
        raise Refused("unknown_field", f"amend does not know {unknown[0]!r}.")
    for name in ("limit_price", "stop_price"):
        if name in changes:
            _needed(changes[name], name)
    return Leg(
        verb="amend",
        side=str(data["side"]),
        symbol_raw=symbol,
        limit_price=_decimal(changes, "limit_price"),
        stop_price=_decimal(changes, "stop_price"),
        sl=_amended(changes, "sl"),
        tp=_amended(changes, "tp"),
    )


def _amended(changes: Mapping[str, Any], name: str) -> Target | None:
    """Null removes, a price replaces, absence leaves alone."""
    if name not in changes:
        return None
    return Target("remove") if changes[name] is None else _price_target(_decimal(changes, name))


def _price_target(price: Decimal | None) -> Target | None:
    return None if price is None else Target("price", price)


def _symbol(data: Mapping[str, Any]) -> str:
    symbol_raw = f"{_text(data, 'exchange')}:{_text(data, 'symbol')}"
    try:
        instrument_of(symbol_raw)
    except SymbolUnreadable as error:
        raise Refused(error.code, str(error)) from error
    return symbol_raw


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Refused("wrong_type", f"{name} must be text.")
    return value


def _match(data: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(data, name)
    if not pattern.fullmatch(value):
        raise Refused("wrong_type", f"{name} does not have its documented form.")
    return value


def _decimal(data: Mapping[str, Any], name: str) -> Decimal | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Refused("not_a_decimal", f"{name} must be a positive decimal string.")
    return Decimal(value)


def _needed(value: Any, name: str) -> Any:
    if value is None:
        raise Refused("missing_field", f"{name} must not be null.")
    return value


def _time(data: Mapping[str, Any], name: str) -> datetime:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _MS_MAX:
        raise Refused("not_a_time", f"{name} must be epoch milliseconds.")
    return datetime.fromtimestamp(value // 1000, UTC).replace(microsecond=value % 1000 * 1000)
