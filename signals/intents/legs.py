"""What one alert asks for, leg by leg, and the prices of a bar: frozen values, not yet checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fusion_project.text.canonical import canonical_json_of_texts, decimal_text
from signals.intents.plan import Plan
from signals.intents.reading import (
    construct,
    read_decimal,
    read_members,
    read_text,
    read_time,
    time_text,
)

TIFS_AT_ONCE: Final = ("ioc", "fok")
BAR_PRICES: Final = ("open", "high", "low", "close")
# What the JSON form calls a leg's verb, as the alerts do.
_VERB_MEMBER: Final = "event"


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

    The volume is in the chart's units, None where the chart has none. `close_at`: when it closed,
    None where the sender does not say so.
    """

    symbol_raw: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None
    close_at: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; `volume` and `close_at` are left out where they are not told."""
        prices = {name: decimal_text(getattr(self, name)) for name in BAR_PRICES}
        volume = {} if self.volume is None else {"volume": decimal_text(self.volume)}
        closing = {} if self.close_at is None else {"close_at": time_text(self.close_at)}
        return {"symbol_raw": self.symbol_raw, **prices, **volume, **closing}

    @classmethod
    def from_dict(cls, data: Any) -> BarPrices:
        """Build it from its JSON form."""
        known = read_members(data, {f.name for f in fields(cls)}, "bar")
        for name in (*BAR_PRICES, "volume"):
            if known.get(name) is not None:
                known[name] = read_decimal(known[name], name)
        known["close_at"] = read_time(known.get("close_at"), "close_at")
        return construct(cls, known)


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """The prices of an entry that are known before it is sent."""

    entry: Decimal | None
    stop: Decimal | None
    target: Decimal | None

    @property
    def reward_to_risk(self) -> Decimal | None:
        """How far the target is, in distances of the stop; None where one of them is not known."""
        if self.entry is None or self.stop is None or self.target is None:
            return None
        risk = abs(self.entry - self.stop)
        return abs(self.target - self.entry) / risk if risk else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One thing asked for: open, close, change or cancel."""

    verb: str
    side: str
    symbol_raw: str
    order_type: str = "market"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    size: Size | None = None
    close_pct: Decimal | None = None
    sl: Target | None = None
    tp: Target | None = None
    # How long an entry lives once it is placed, '' where nothing is said; gtd names its moment.
    tif: str = ""
    good_until: datetime | None = None
    plan: Plan | None = None

    @property
    def is_entry(self) -> bool:
        """Only an entry adds risk; every other leg lowers or keeps it."""
        return self.verb == "entry"

    @property
    def tif_is_at_once(self) -> bool:
        """Whether it fills at once or not at all; such an order never rests."""
        return self.tif in TIFS_AT_ONCE

    @property
    def has_stop(self) -> bool:
        """Whether it names a stop; an entry without one has no risk figure."""
        return self.sl is not None and self.sl.kind != "remove" and self.sl.value is not None

    def price_levels(self, ref_price: Decimal | None) -> PriceLevels:
        """Return entry, stop and target as far as the leg says them as prices."""
        return PriceLevels(
            entry=self.limit_price or self.stop_price or ref_price,
            stop=self.sl.value if self.sl and self.sl.kind == "price" else None,
            target=self.tp.value if self.tp and self.tp.kind == "price" else None,
        )

    def reward_to_risk(self, ref_price: Decimal | None) -> Decimal | None:
        """The same of prices and of two distances of one kind, whose fill is not known yet."""
        if self.sl and self.tp and self.sl.kind == self.tp.kind != "price":
            return self.tp.value / self.sl.value if self.sl.value and self.tp.value else None
        return self.price_levels(ref_price).reward_to_risk

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: `size` always there, other empty members left out."""
        out: dict[str, Any] = {
            _VERB_MEMBER: self.verb,
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
        if self.plan is not None:
            out["plan"] = self.plan.to_dict()
        if self.tif:
            out["tif"] = self.tif
        if self.good_until is not None:
            out["good_until"] = time_text(self.good_until)
        return out

    def to_json(self) -> str:
        """Return the canonical text that `Decision.leg` holds."""
        return canonical_json_of_texts(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Leg:
        """Build a leg from its JSON form; unknown or wrongly typed members are refused."""
        known = read_members(data, _LEG_MEMBERS, "leg")
        if _VERB_MEMBER in known:
            known["verb"] = known.pop(_VERB_MEMBER)
        for name in ("limit_price", "stop_price", "close_pct"):
            if known.get(name) is not None:
                known[name] = read_decimal(known[name], name)
        if known.get("size") is not None:
            size = read_members(known["size"], {"mode", "value"}, "size")
            known["size"] = Size(read_text(size, "mode"), read_decimal(size.get("value"), "size"))
        for name in ("sl", "tp"):
            if known.get(name) is not None:
                known[name] = _target(known[name], name)
        if known.get("plan") is not None:
            known["plan"] = Plan.from_dict(known["plan"])
        if "tif" in known:
            known["tif"] = read_text(known, "tif")
        known["good_until"] = read_time(known.get("good_until"), "good_until")
        return construct(cls, known)

    @classmethod
    def from_json(cls, text: str) -> Leg:
        """Read the canonical text of one leg back."""
        return cls.from_dict(json.loads(text))


_LEG_MEMBERS: Final = {f.name for f in fields(Leg)} - {"verb"} | {_VERB_MEMBER}


def _value_dict(word: str, holder: Size | Target, name: str) -> dict[str, Any]:
    out: dict[str, Any] = {name: word}
    if holder.value is not None:
        out["value"] = decimal_text(holder.value)
    return out


def _target(data: Any, name: str) -> Target:
    members = read_members(data, {"kind", "value"}, name)
    value = members.get("value")
    return Target(read_text(members, "kind"), None if value is None else read_decimal(value, name))
