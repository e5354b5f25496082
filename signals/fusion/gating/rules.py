"""Gates from facts: each a factor from 0 to 1 with its reason; none is a vote. Pure.

Only decimals with twelve digits, so that a stored record is judged to the same factors for ever.
Another rule is another name beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

from signals.fusion.gating import names
from signals.fusion.gating.settings import GateSetting, settings_read
from signals.fusion.inputs import Gate

NAME: Final = "gates/1"
# How old a fact may be where neither the policy nor the fact itself says so.
STALE_SECONDS: Final = 180
_TWELVE: Final = Context(prec=12)
_ONE, _ZERO = Decimal(1), Decimal(0)


class UnknownRules(Exception):
    """The gates of a record were judged by rules that this version does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFact:
    """What was measured for one gate; `values` None where nothing is known, `rows` where it stands.

    drawdown, exposure: basis points of equity · correlation: how many open entries it amounts to ·
    session: minute of the local week · news: minutes until each event, below 0 when it has been ·
    spread: of the stop's distance · volatility: recent range over the usual one, a day's deviation
    in basis points · data_quality: share of owed bars that came · account_health: 1 where well.
    """

    name: str
    values: tuple[Decimal, ...] | None
    age_seconds: int | None = None
    # How old it may be unless the policy says so: bars, by their timeframe.
    fresh_seconds: int | None = None
    rows: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "values": None if self.values is None else list(self.values),
            "age_seconds": self.age_seconds,
            "fresh_seconds": self.fresh_seconds,
            "rows": list(self.rows),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GateFact:
        """Read the JSON form back."""
        values = data["values"]
        return cls(
            name=data["name"],
            values=None if values is None else tuple(Decimal(one) for one in values),
            age_seconds=data["age_seconds"],
            fresh_seconds=data["fresh_seconds"],
            rows=tuple(data["rows"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """What the gates say, and the share of the policy's risk that a target volatility leaves."""

    gates: tuple[Gate, ...]
    risk_share: Decimal | None


def gated(settings: Mapping[str, GateSetting], facts: Sequence[GateFact]) -> Gated:
    """Judge every gate that the policy asks; one without a fact counts as absent."""
    told = {fact.name: fact for fact in facts}
    found = {name: told.get(name, GateFact(name=name, values=None)) for name in settings}
    gates = tuple(_gate(name, settings[name], fact) for name, fact in found.items())
    return Gated(gates=gates, risk_share=_risk_share(settings, found))


def gated_again(stored: Mapping[str, Any]) -> Gated:
    """Judge the facts of a record once more, by the rules that it names. Raises UnknownRules."""
    rule = RULES.get(stored["rules"])
    if rule is None:
        raise UnknownRules(f"{stored['rules']} (known here: {', '.join(RULES)})")
    facts = [GateFact.from_dict(one) for one in stored["facts"]]
    return rule(settings_read(stored["settings"]), facts)


def _gate(name: str, setting: GateSetting, fact: GateFact) -> Gate:
    missing = _missing(setting, fact)
    if missing:
        return Gate(name=name, factor=setting.absent, reason=f"{name}_{missing}")
    assert fact.values is not None
    factor = _factor(name, setting, fact.values)
    if factor >= _ONE:
        return Gate(name=name, factor=_ONE)
    code = names.SHRINKS if factor > 0 else names.CLOSED
    return Gate(name=name, factor=factor, reason=f"{name}_{code}")


def _missing(setting: GateSetting, fact: GateFact) -> str:
    if fact.values is None:
        return names.ABSENT
    limit = setting.stale_seconds or fact.fresh_seconds or STALE_SECONDS
    return names.STALE if fact.age_seconds is not None and fact.age_seconds > limit else ""


def _factor(name: str, setting: GateSetting, values: Sequence[Decimal]) -> Decimal:
    if name == names.SESSION:
        is_open = any(start <= values[0] < end for start, end in setting.open)
        return _ONE if is_open else setting.factor
    if name == names.NEWS:
        near = any(-setting.minutes_after <= one <= setting.minutes_before for one in values)
        return setting.factor if near else _ONE
    if name == names.ACCOUNT_HEALTH:
        return _ONE if values[0] >= _ONE else _ZERO
    if setting.full == setting.closed:
        return _ONE
    return _ramp(values[0], setting.full, setting.closed)


def _ramp(value: Decimal, full: Decimal, closed: Decimal) -> Decimal:
    """1 at `full` and on its good side, 0 at `closed` and beyond, a straight line between."""
    share = _TWELVE.divide(closed - value, closed - full)
    return min(_ONE, max(_ZERO, share))


def _risk_share(
    settings: Mapping[str, GateSetting], found: Mapping[str, GateFact]
) -> Decimal | None:
    """target / now, at most 1: twice the volatility halves the risk. None: no target, or no fact,
    for which the gate itself counts."""
    setting = settings.get(names.VOLATILITY)
    if setting is None or setting.target_bps is None:
        return None
    fact = found[names.VOLATILITY]
    if _missing(setting, fact) or fact.values is None or fact.values[1] <= 0:
        return None
    return min(_ONE, _TWELVE.divide(setting.target_bps, fact.values[1]))


RULES: Final = {NAME: gated}
