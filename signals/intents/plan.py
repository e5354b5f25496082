"""The plan of a trade: what becomes of an entry once it is filled, and when it may be sent. Pure.

Frozen values of one leg, not yet checked; `plan_checks` says which can be meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from fusion_project.text.canonical import canonical_json_of_texts, decimal_text
from signals.intents.invalid import IntentInvalid
from signals.intents.reading import construct, read_decimal, read_members, read_text

# What is carried out near the broker; the others say when and at which price an entry is sent.
CARRIED_OUT: Final = ("targets", "trailing", "break_even", "time_exit_seconds")


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from the price that it counts from; `kind` is points, pips or percent of it."""

    kind: str
    value: Decimal

    def to_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"kind": self.kind, "value": decimal_text(self.value)}

    @classmethod
    def from_dict(cls, data: Any, where: str) -> Distance:
        """Build it from its JSON form."""
        members = read_members(data, {"kind", "value"}, where)
        return cls(read_text(members, "kind"), read_decimal(members.get("value"), where))


@dataclass(frozen=True, slots=True)
class PlanTarget:
    """At this price, or so far from the fill, `share` percent of the filled volume is closed."""

    kind: str
    value: Decimal
    share: Decimal

    def to_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        value, share = decimal_text(self.value), decimal_text(self.share)
        return {"kind": self.kind, "value": value, "share": share}

    @classmethod
    def from_dict(cls, data: Any) -> PlanTarget:
        """Build it from its JSON form."""
        members = read_members(data, {"kind", "value", "share"}, "a target of the plan")
        return cls(
            read_text(members, "kind"),
            read_decimal(members.get("value"), "a target's value"),
            read_decimal(members.get("share"), "a target's share"),
        )


@dataclass(frozen=True, slots=True)
class Trailing:
    """The stop follows the best price at `distance`, once that has gained `trigger`, in steps.

    Without a trigger it follows from the fill on; without a step in tenths of the distance.
    """

    distance: Distance
    trigger: Distance | None = None
    step: Distance | None = None


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Once the price has gained `trigger`, the stop is the price of the fill and `offset`."""

    trigger: Distance
    offset: Distance | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """The entry is sent so many seconds after its alert, and not later than the others after it."""

    seconds: int
    expires_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an entry asks for beyond its order; each member is optional, one is there.

    `time_exit_seconds`: all that is left is closed so long after the fill. `spread`: the entry
    waits for a spread of at most this. `entry_distance`: how far from the market it rests.
    """

    targets: tuple[PlanTarget, ...] = ()
    trailing: Trailing | None = None
    break_even: BreakEven | None = None
    time_exit_seconds: int | None = None
    spread: Distance | None = None
    delay: Delay | None = None
    entry_distance: Distance | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return all(getattr(self, one.name) in (None, ()) for one in fields(self))

    @property
    def carried_out(self) -> Plan | None:
        """Return what an executor does after the fill, None where that is nothing."""
        told = Plan(**{name: getattr(self, name) for name in CARRIED_OUT})
        return None if told.is_empty else told

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; what it does not say is left out."""
        out: dict[str, Any] = {}
        if self.targets:
            out["targets"] = [one.to_dict() for one in self.targets]
        for name in ("trailing", "break_even"):
            rule = getattr(self, name)
            if rule is not None:
                out[name] = _distances(rule)
        for name in ("spread", "entry_distance"):
            distance = getattr(self, name)
            if distance is not None:
                out[name] = distance.to_dict()
        if self.time_exit_seconds is not None:
            out["time_exit_seconds"] = self.time_exit_seconds
        if self.delay is not None:
            out["delay"] = {one.name: getattr(self.delay, one.name) for one in fields(Delay)}
        return out

    def to_json(self) -> str:
        """Return the canonical text."""
        return canonical_json_of_texts(self.to_dict())

    @classmethod
    def from_dict(cls, data: Any) -> Plan:
        """Build it from its JSON form; unknown or wrongly typed members are refused."""
        known = read_members(data, {one.name for one in fields(cls)}, "plan")
        if "targets" in known:
            known["targets"] = _targets(known["targets"])
        for name, kind in (("trailing", Trailing), ("break_even", BreakEven)):
            if known.get(name) is not None:
                known[name] = _rule(kind, known[name], name)
        for name in ("spread", "entry_distance"):
            if known.get(name) is not None:
                known[name] = Distance.from_dict(known[name], name)
        known["time_exit_seconds"] = _seconds(known, "time_exit_seconds")
        if known.get("delay") is not None:
            told = read_members(known["delay"], {one.name for one in fields(Delay)}, "delay")
            known["delay"] = construct(Delay, {name: _seconds(told, name) for name in told})
        return construct(cls, known)


def _targets(data: Any) -> tuple[PlanTarget, ...]:
    if not isinstance(data, list | tuple):
        raise IntentInvalid("wrong_type", "targets must be a list.")
    return tuple(PlanTarget.from_dict(one) for one in data)


def _distances(rule: Trailing | BreakEven) -> dict[str, Any]:
    told = {one.name: getattr(rule, one.name) for one in fields(rule)}
    return {name: distance.to_dict() for name, distance in told.items() if distance is not None}


def _rule(kind: type[Trailing | BreakEven], data: Any, where: str) -> Trailing | BreakEven:
    members = read_members(data, {one.name for one in fields(kind)}, where)
    said = {name: value for name, value in members.items() if value is not None}
    return construct(
        kind, {name: Distance.from_dict(value, f"{where}.{name}") for name, value in said.items()}
    )


def _seconds(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise IntentInvalid("wrong_type", f"{name} must be a whole number of seconds.")
    return value
