"""`df.intent` v1: what an alert asks for, in legs. Every dialect becomes this frozen value.

JSON is canonical: decimals as plain strings, times as ISO 8601 UTC with milliseconds, keys sorted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from fusion_project.text.canonical import canonical_json_of_texts, decimal_text
from signals.intents import checks, plan_checks
from signals.intents.invalid import IntentInvalid
from signals.intents.legs import BarPrices, Leg
from signals.intents.reading import construct, read_decimal, read_members, read_time, time_text

SCHEMA: Final = "df.intent"
VERSION: Final = 1
# What came with a minor is told beside it; a text without one has nothing of the kind.
PLAN_SINCE_MINOR: Final = 1


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
        checks.check_kind(self.kind, self.legs)
        checks.check_env(self.env)
        for name in ("sender_id", "trade_ref", "ref_id"):
            checks.check_ref(getattr(self, name), name)
        for name in ("bar_time", "expires_at"):
            checks.check_time(getattr(self, name), name)
        checks.check_positive(self.ref_price, "ref_price")
        checks.check_bar(self.kind, self.bar)
        for leg in self.legs:
            checks.check_leg(leg, self.ref_price)
            plan_checks.check_plan(leg, self.ref_price)

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
            **({"minor": PLAN_SINCE_MINOR} if any(leg.plan for leg in self.legs) else {}),
        }

    def to_json(self) -> str:
        """Return the canonical text that `Alert.intent` holds."""
        return canonical_json_of_texts(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Intent:
        """Build an intent from its JSON form."""
        own = {f.name for f in fields(cls)} | {"schema", "v", "minor"}
        known = read_members(data, own, "intent")
        known.pop("minor", None)
        if known.pop("schema", None) != SCHEMA or known.pop("v", None) != VERSION:
            raise IntentInvalid("wrong_schema", "This is not df.intent version 1.")
        known["legs"] = tuple(Leg.from_dict(leg) for leg in known.get("legs", ()))
        for name in ("bar_time", "expires_at"):
            known[name] = read_time(known.get(name), name)
        if known.get("ref_price") is not None:
            known["ref_price"] = read_decimal(known["ref_price"], "ref_price")
        if known.get("bar") is not None:
            known["bar"] = BarPrices.from_dict(known["bar"])
        return construct(cls, known)

    @classmethod
    def from_json(cls, text: str) -> Intent:
        """Read the canonical text back."""
        return cls.from_dict(json.loads(text))
