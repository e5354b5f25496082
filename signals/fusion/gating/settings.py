"""What a policy says of its gates, read from JSON and judged when it is saved. Pure.

A gate that the policy does not name is not asked. What is not known, or was told too long ago,
counts as `absent`, which is below 1 by rule: it never counts as good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from signals.fusion.gating import names

IMPACTS: Final = ("low", "medium", "high")
CALENDAR_FORM: Final = r"[A-Za-z0-9_.\-]{1,40}"
STALE_SECONDS_MAX: Final = 30 * 86_400
MINUTES_MAX: Final = 1_440
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(
    r"(?P<first>[a-z]{3})(-(?P<last>[a-z]{3}))? "
    r"(?P<h1>[0-2]\d):(?P<m1>[0-5]\d)-(?P<h2>[0-2]\d):(?P<m2>[0-5]\d)"
)
_INSTRUMENT: Final = re.compile(r"[A-Z0-9._]{2,32}")
_CURRENCY: Final = re.compile(r"[A-Z0-9]{3,5}")
Window = tuple[int, int]


class GatesInvalid(ValueError):
    """What a policy says of its gates cannot be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSetting:
    """What one gate goes by; which members count is a matter of the gate.

    `full`: to here an entry keeps its size; `closed`: from here on there is none; between them in
    proportion. `factor`: what is left outside of the session, and around news. `target_bps`: a
    day's standard deviation of the price at which an entry may have the policy's whole risk.
    """

    full: Decimal = Decimal(0)
    closed: Decimal = Decimal(0)
    factor: Decimal = Decimal(0)
    absent: Decimal = Decimal(0)
    stale_seconds: int | None = None
    zone: str = "UTC"
    open: tuple[Window, ...] = ()
    calendar: str = ""
    impact: str = "high"
    minutes_before: int = 30
    minutes_after: int = 30
    currencies: Mapping[str, tuple[str, ...]] | None = None
    target_bps: Decimal | None = None


# What a policy may begin with; session, news and spread need what only their owner can say.
STANDARD: Final[dict[str, Any]] = {
    names.DRAWDOWN: {"full": 500, "closed": 1500, "absent": "0.5"},
    names.EXPOSURE: {"full": 50_000, "closed": 150_000, "absent": "0.5"},
    names.ACCOUNT_HEALTH: {"absent": "0.5"},
    names.CORRELATION: {"full": 2, "closed": 6},
    names.VOLATILITY: {"full": "1.5", "closed": 4, "absent": "0.5"},
    names.DATA_QUALITY: {"full": "0.98", "closed": "0.8", "absent": "0.5"},
}
_RAMP: Final = frozenset({"full", "closed"})
_ALWAYS: Final = frozenset({"absent", "stale_seconds"})
# Of each gate the members that it needs, and those that it may have.
_MEMBERS: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    names.DRAWDOWN: (_RAMP, _ALWAYS),
    names.EXPOSURE: (_RAMP, _ALWAYS),
    names.CORRELATION: (_RAMP, frozenset()),
    names.SESSION: (frozenset({"open"}), frozenset({"zone", "factor"})),
    names.NEWS: (
        frozenset({"calendar"}),
        _ALWAYS | {"impact", "minutes_before", "minutes_after", "factor", "currencies"},
    ),
    names.SPREAD: (_RAMP, _ALWAYS),
    names.VOLATILITY: (frozenset(), _RAMP | _ALWAYS | {"target_bps"}),
    names.DATA_QUALITY: (_RAMP, _ALWAYS),
    names.ACCOUNT_HEALTH: (frozenset(), _ALWAYS),
}


def settings_read(gates: Any) -> dict[str, GateSetting]:
    """Return the gates that are asked, in their order. Raises GatesInvalid."""
    if not isinstance(gates, dict):
        raise GatesInvalid("they must be an object of gates")
    unknown = sorted(set(map(str, gates)) - set(names.GATES))
    if unknown:
        raise GatesInvalid(f"there is no gate {unknown[0][:40]!r} among {', '.join(names.GATES)}")
    return {name: _setting(name, gates[name]) for name in names.GATES if name in gates}


def _setting(name: str, told: Any) -> GateSetting:
    if not isinstance(told, dict):
        raise GatesInvalid(f"{name} must be an object")
    needed, optional = _MEMBERS[name]
    strange = sorted(set(map(str, told)) - needed - optional)
    if strange:
        raise GatesInvalid(f"{name} has no {strange[0][:40]!r}")
    missing = sorted(needed - set(told))
    if missing:
        raise GatesInvalid(f"{name} needs {', '.join(missing)}")
    setting = GateSetting(**{one: _READERS[one](f"{name}.{one}", told[one]) for one in told})
    _ramp_check(name, setting, told)
    return setting


def _ramp_check(name: str, setting: GateSetting, told: Mapping[str, Any]) -> None:
    """Most gates close upwards; of data quality, less is worse."""
    if name == names.VOLATILITY and not told.keys() & {"full", "target_bps"}:
        raise GatesInvalid("volatility needs full and closed, or target_bps")
    if name == names.VOLATILITY and ("full" in told) != ("closed" in told):
        raise GatesInvalid("volatility needs both full and closed, or neither")
    if "full" not in told:
        return
    is_upwards = name != names.DATA_QUALITY
    if setting.full == setting.closed or (setting.full < setting.closed) != is_upwards:
        word = "above" if is_upwards else "below"
        raise GatesInvalid(f"{name}.closed must lie {word} {name}.full")


def _number(name: str, told: Any) -> Decimal:
    """Numbers are text, such as "0.5", or whole ones: others of JSON may be rounded."""
    if isinstance(told, bool) or not isinstance(told, str | int):
        raise GatesInvalid(f'{name} is a number written as text, such as "0.5"')
    try:
        number = Decimal(told)
    except InvalidOperation as error:
        raise GatesInvalid(f"{name} is no number: {told!r:.40}") from error
    if not number.is_finite() or not 0 <= number <= 10**9:
        raise GatesInvalid(f"{name} is from 0 to 1000000000")
    return number


def _below_one(name: str, told: Any) -> Decimal:
    number = _number(name, told)
    if number >= 1:
        raise GatesInvalid(f"{name} is from 0 to below 1: what it stands for never counts as good")
    return number


def _positive(name: str, told: Any) -> Decimal:
    number = _number(name, told)
    if number == 0:
        raise GatesInvalid(f"{name} is above 0")
    return number


def _whole(most: int, least: int = 0) -> Callable[[str, Any], int]:
    def read(name: str, told: Any) -> int:
        if isinstance(told, bool) or not isinstance(told, int) or not least <= told <= most:
            raise GatesInvalid(f"{name} is a whole number from {least} to {most}")
        return told

    return read


def _zone(name: str, told: Any) -> str:
    try:
        return ZoneInfo(told).key
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise GatesInvalid(f"{name} is no time zone such as Europe/London") from error


def _open(name: str, told: Any) -> tuple[Window, ...]:
    if not isinstance(told, list) or not 1 <= len(told) <= 50:
        raise GatesInvalid(f'{name} is a list of 1 to 50 stretches such as "Mon-Fri 07:00-20:00"')
    return tuple(window for one in told for window in _windows(name, one))


def _windows(name: str, told: Any) -> list[Window]:
    """Minutes of the week, from Monday 00:00 on; one for each day."""
    found = _WINDOW.fullmatch(told.lower()) if isinstance(told, str) else None
    days = {"first": "", "last": ""} if found is None else found.groupdict()
    last = days["last"] or days["first"]
    if found is None or days["first"] not in _DAYS or last not in _DAYS:
        raise GatesInvalid(f'{name}: {told!r:.40} is not like "Mon-Fri 07:00-20:00"')
    start = int(found["h1"]) * 60 + int(found["m1"])
    end = int(found["h2"]) * 60 + int(found["m2"])
    first, until = _DAYS.index(days["first"]), _DAYS.index(last)
    if not start < end <= MINUTES_MAX or first > until:
        raise GatesInvalid(f"{name}: {told!r:.40} ends before it begins; write it as two")
    return [(day * MINUTES_MAX + start, day * MINUTES_MAX + end) for day in range(first, until + 1)]


def _calendar(name: str, told: Any) -> str:
    if not isinstance(told, str) or not re.fullmatch(CALENDAR_FORM, told):
        raise GatesInvalid(f"{name} is the name of an imported calendar")
    return told


def _impact(name: str, told: Any) -> str:
    if told not in IMPACTS:
        raise GatesInvalid(f"{name} is one of {', '.join(IMPACTS)}")
    return str(told)


def _currencies(name: str, told: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(told, dict) or not all(
        _INSTRUMENT.fullmatch(instrument)
        and isinstance(found, list)
        and found
        and all(isinstance(one, str) and _CURRENCY.fullmatch(one) for one in found)
        for instrument, found in told.items()
    ):
        raise GatesInvalid(f'{name} names currencies by instrument, as {{"NAS100": ["USD"]}}')
    return {instrument: tuple(found) for instrument, found in told.items()}


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "full": _number,
    "closed": _number,
    "factor": _below_one,
    "absent": _below_one,
    "stale_seconds": _whole(STALE_SECONDS_MAX, 1),
    "zone": _zone,
    "open": _open,
    "calendar": _calendar,
    "impact": _impact,
    "minutes_before": _whole(MINUTES_MAX),
    "minutes_after": _whole(MINUTES_MAX),
    "currencies": _currencies,
    "target_bps": _positive,
}
