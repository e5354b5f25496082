"""`df.intent` v1: what an alert asks for, in legs. Every dialect becomes this frozen value.

JSON is canonical: decimals as plain strings, times as ISO 8601 UTC with milliseconds, keys sorted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from fusion_project.text.canonical import canonical_json_of_texts, decimal_text
from signals.intents import checks as intent_rules
from signals.intents.checks import IntentInvalid

SCHEMA: Final = "df.intent"
VERSION: Final = 1
T = TypeVar("T")

__all__ = ["BarPrices", "Intent", "IntentInvalid", "Leg", "Size", "Target"]


@dataclass(frozen=True, slots=True)
class Size:
    """The sender's size hint. Only execution turns it into lots."""

    mode: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """A stop or a target; `remove` carries no value. Points and pips count from the fill."""

    kind: str
    value: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPrices:
    """The prices of one closed bar on the chart; when it opened is the intent's `bar_time`.

    The volume is in the chart's units, None where the chart has none.
    """

    symbol_raw: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; `volume` is left out where there is none."""
        prices = {name: decimal_text(getattr(self, name)) for name in intent_rules.BAR_PRICES}
        volume = {} if self.volume is None else {"volume": decimal_text(self.volume)}
        return {"symbol_raw": self.symbol_raw, **prices, **volume}

    @classmethod
    def from_dict(cls, data: Any) -> BarPrices:
        """Build it from its JSON form."""
        known = _members(data, {f.name for f in fields(cls)}, "bar")
        for name in (*intent_rules.BAR_PRICES, "volume"):
            if known.get(name) is not None:
                known[name] = _decimal(known[name], name)
        return _construct(cls, known)


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """The prices of an entry that are known before it is sent."""

    entry: Decimal | None
    stop: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One thing asked for: open, close, change or cancel."""

    event: str
    side: str
    symbol_raw: str
    order_type: str = "market"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    size: Size | None = None
    close_pct: Decimal | None = None
    sl: Target | None = None
    tp: Target | None = None

    @property
    def is_entry(self) -> bool:
        """Only an entry adds risk; every other leg lowers or keeps it."""
        return self.event == "entry"

    def price_levels(self, ref_price: Decimal | None) -> PriceLevels:
        """Return entry, stop and target as far as the leg says them as prices."""
        return PriceLevels(
            entry=self.limit_price or self.stop_price or ref_price,
            stop=self.sl.value if self.sl and self.sl.kind == "price" else None,
            target=self.tp.value if self.tp and self.tp.kind == "price" else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: `size` always there, other empty members left out."""
        out: dict[str, Any] = {
            "event": self.event,
            "side": self.side,
            "symbol_raw": self.symbol_raw,
            "order_type": self.order_type,
            "size": None if self.size is None else _value_dict(self.size.mode, self.size, "mode"),
        }
        for name in ("limit_price", "stop_price", "close_pct"):
            value = getattr(self, name)
            if value is not None:
                out[name] = decimal_text(value)
        for name in ("sl", "tp"):
            target = getattr(self, name)
            if target is not None:
                out[name] = _value_dict(target.kind, target, "kind")
        return out

    def to_json(self) -> str:
        """Return the canonical text that `Decision.leg` holds."""
        return canonical_json_of_texts(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Leg:
        """Build a leg from its JSON form; unknown or wrongly typed members are refused."""
        known = _members(data, {f.name for f in fields(cls)}, "leg")
        for name in ("limit_price", "stop_price", "close_pct"):
            if known.get(name) is not None:
                known[name] = _decimal(known[name], name)
        if known.get("size") is not None:
            size = _members(known["size"], {"mode", "value"}, "size")
            known["size"] = Size(_text(size, "mode"), _decimal(size.get("value"), "size"))
        for name in ("sl", "tp"):
            if known.get(name) is not None:
                known[name] = _target(known[name], name)
        return _construct(cls, known)

    @classmethod
    def from_json(cls, text: str) -> Leg:
        """Read the canonical text of one leg back."""
        return cls.from_dict(json.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Everything one alert asks for. Building one checks it; `IntentInvalid` says what is wrong.

    `env`: `live` or `paper`, the money that the message says it is meant for, else None.
    """

    kind: str
    legs: tuple[Leg, ...] = ()
    sender_id: str | None = None
    trade_ref: str | None = None
    ref_id: str | None = None
    timeframe: str | None = None
    bar_time: datetime | None = None
    expires_at: datetime | None = None
    ref_price: Decimal | None = None
    bar: BarPrices | None = None
    env: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        intent_rules.check_intent(self)

    @property
    def has_entry(self) -> bool:
        """Whether any leg adds risk."""
        return any(leg.is_entry for leg in self.legs)

    @property
    def lowers_risk(self) -> bool:
        """Whether any leg lowers risk."""
        return any(not leg.is_entry for leg in self.legs)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form of `df.intent` v1."""
        return {
            "schema": SCHEMA,
            "v": VERSION,
            "kind": self.kind,
            "legs": [leg.to_dict() for leg in self.legs],
            "sender_id": self.sender_id,
            "trade_ref": self.trade_ref,
            "ref_id": self.ref_id,
            "timeframe": self.timeframe,
            "bar_time": time_text(self.bar_time),
            "expires_at": time_text(self.expires_at),
            "ref_price": None if self.ref_price is None else decimal_text(self.ref_price),
            "sources": dict(self.sources),
            **({} if self.bar is None else {"bar": self.bar.to_dict()}),
            **({} if self.env is None else {"env": self.env}),
        }

    def to_json(self) -> str:
        """Return the canonical text that `Alert.intent` holds."""
        return canonical_json_of_texts(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Intent:
        """Build an intent from its JSON form."""
        known = _members(data, {f.name for f in fields(cls)} | {"schema", "v"}, "intent")
        if known.pop("schema", None) != SCHEMA or known.pop("v", None) != VERSION:
            raise IntentInvalid("wrong_schema", "This is not df.intent version 1.")
        known["legs"] = tuple(Leg.from_dict(leg) for leg in known.get("legs", ()))
        for name in ("bar_time", "expires_at"):
            known[name] = _time(known.get(name), name)
        if known.get("ref_price") is not None:
            known["ref_price"] = _decimal(known["ref_price"], "ref_price")
        if known.get("bar") is not None:
            known["bar"] = BarPrices.from_dict(known["bar"])
        return _construct(cls, known)

    @classmethod
    def from_json(cls, text: str) -> Intent:
        """Read the canonical text back."""
        return cls.from_dict(json.loads(text))


def time_text(value: datetime | None) -> str | None:
    """Return ISO 8601 in UTC with milliseconds, or None."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value_dict(word: str, holder: Size | Target, name: str) -> dict[str, Any]:
    out: dict[str, Any] = {name: word}
    if holder.value is not None:
        out["value"] = decimal_text(holder.value)
    return out


def _target(data: Any, name: str) -> Target:
    members = _members(data, {"kind", "value"}, name)
    value = members.get("value")
    return Target(_text(members, "kind"), None if value is None else _decimal(value, name))


def _members(data: Any, allowed: set[str], where: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise IntentInvalid("wrong_type", f"{where} must be an object.")
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise IntentInvalid("unknown_field", f"{where} has the unknown member {unknown[0]!r}.")
    return dict(data)


def _construct(cls: type[T], members: dict[str, Any]) -> T:
    try:
        return cls(**members)
    except TypeError as error:
        raise IntentInvalid("missing_field", f"{cls.__name__} is incomplete.") from error


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise IntentInvalid("wrong_type", f"{name} must be text.")
    return value


def _decimal(value: Any, name: str) -> Decimal:
    if not isinstance(value, str) or not intent_rules.DECIMAL_TEXT.fullmatch(value):
        raise IntentInvalid("not_a_decimal", f"{name} must be a decimal string.")
    return Decimal(value)


def _time(value: Any, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise IntentInvalid("not_a_time", f"{name} must be an ISO 8601 time.") from error
