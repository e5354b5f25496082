"""What a strategy declares for what its alerts leave open: sizes, stops, and units. Pure.

Keys: `size` {mode, value}, `sl` and `tp` {kind, value}, `size_unit` (a size mode), `target_unit`
(a target kind), `entry_unit` (`price`), `timeframe`. Numbers are text; a float is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.values import positive
from signals.intents.checks import SIZE_MODES
from signals.intents.legs import Size, Target

# A stop as a price belongs to one trade, never to a strategy.
DISTANCES: Final = frozenset({"points", "pips", "percent"})
TARGET_UNITS: Final = DISTANCES | {"price"}


# Each key with an example of its value, as JSON, and what it says.
EXPLAINED: Final[dict[str, tuple[str, str]]] = {
    "size": (
        '{"mode": "lots", "value": "0.1"}',
        "size of entries that name none; mode lots, qty, notional, equity_pct or risk_pct",
    ),
    "sl": (
        '{"kind": "pips", "value": "30"}',
        "stop of entries that name none; kind pips, points or percent",
    ),
    "tp": ('{"kind": "percent", "value": "2"}', "target of entries that name none; the same kinds"),
    "size_unit": ('"risk_pct"', "what a size without a unit means, such as `risk=1`"),
    "target_unit": (
        '"price"',
        "what a stop or target without a unit means: price, pips, points or percent",
    ),
    "entry_unit": ('"price"', "`price=` or `pending=` of a waiting order is a price"),
    "timeframe": ('"15"', "the chart's interval where the alerts name none"),
}
KEYS: Final = tuple(EXPLAINED)


def defaults_check(values: Mapping[str, Any]) -> None:
    """Refuse (`Refused`) what an alert would stumble over: unknown keys, odd values."""
    unknown = sorted(set(values) - set(KEYS))
    if unknown:
        raise Refused("wrong_defaults", f"There is no default {unknown[0]!r}.")
    defaults = StrategyDefaults("", values)
    default_size(defaults)
    for name in ("sl", "tp"):
        default_target(defaults, name)
        _members_check(values, name, {"kind", "value"})
    _members_check(values, "size", {"mode", "value"})
    size_unit(defaults)
    target_unit(defaults)
    entry_unit(defaults)
    default_timeframe(defaults)


def default_size(defaults: StrategyDefaults) -> Size | None:
    """Return the declared size of an entry that names none."""
    found = _pair(defaults, "size", "mode", SIZE_MODES)
    return Size(*found) if found else None


def default_target(defaults: StrategyDefaults, name: str) -> Target | None:
    """Return the declared stop (`sl`) or target (`tp`) of an entry that names none."""
    found = _pair(defaults, name, "kind", DISTANCES)
    return Target(*found) if found else None


def size_unit(defaults: StrategyDefaults) -> str | None:
    """Return what a size without a unit means in this strategy's alerts."""
    return _choice(defaults, "size_unit", SIZE_MODES)


def target_unit(defaults: StrategyDefaults) -> str | None:
    """Return what a stop or target without a unit means."""
    return _choice(defaults, "target_unit", TARGET_UNITS)


def entry_unit(defaults: StrategyDefaults) -> str | None:
    """Return what the price of a pending order means where the receiver decides that."""
    return _choice(defaults, "entry_unit", frozenset({"price"}))


def default_timeframe(defaults: StrategyDefaults) -> str | None:
    """Return the chart interval that the alerts do not name."""
    value = defaults.values.get("timeframe")
    if value is not None and not isinstance(value, str):
        raise _wrong("timeframe")
    return value


def _members_check(values: Mapping[str, Any], name: str, members: set[str]) -> None:
    given = values.get(name)
    if isinstance(given, Mapping) and set(given) != members:
        raise _wrong(name)


def _pair(
    defaults: StrategyDefaults, name: str, word: str, allowed: frozenset[str]
) -> tuple[str, Decimal] | None:
    given: Any = defaults.values.get(name)
    if given is None:
        return None
    if not isinstance(given, Mapping) or not isinstance(given.get("value"), str | int):
        raise _wrong(name)
    chosen = given.get(word)
    if not isinstance(chosen, str) or chosen not in allowed:
        raise _wrong(name)
    try:
        return chosen, positive(given["value"], name)
    except Refused as error:
        raise _wrong(name) from error


def _choice(defaults: StrategyDefaults, name: str, allowed: frozenset[str]) -> str | None:
    value = defaults.values.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise _wrong(name)
    return value


def _wrong(name: str) -> Refused:
    return Refused("wrong_defaults", f"The strategy's default {name!r} cannot be read.")
