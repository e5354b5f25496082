"""The stop and the target of a 3Commas custom signal, in percent from the entry. Pure.

A stop lies on the losing side and a target on the winning one, so their sign says nothing more.
Several steps, parts of the volume and limit stops are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from signals.dialects.base import Refused
from signals.dialects.terms import IGNORED, Terms
from signals.dialects.values import number, plain_text, positive, word
from signals.intents.legs import Target

_STOP: Final = frozenset({"enabled", "order_type", "trigger_price_percent", "breakeven"})
_TARGET: Final = frozenset({"enabled", "steps"})
_STEP: Final = frozenset({"order_type", "price_percent", "volume_percent"})


def set_brackets(terms: Terms, data: Mapping[str, Any]) -> None:
    """Read `stop_loss` and `take_profit` of an entry; what is not enabled is not there."""
    if _is_given(data.get("trailing")):
        raise _unsupported("trailing")
    stop, target = data.get("stop_loss"), data.get("take_profit")
    if _is_given(stop):
        members = _members(stop, _STOP, "stop_loss")
        if word(members.get("order_type", "market")) != "market":
            raise _unsupported("stop_loss")
        terms.sl = _percent(members.get("trigger_price_percent"), "stop_loss")
        if members.get("breakeven") not in (None, False):
            terms.sources["trailing"] = IGNORED
    if _is_given(target):
        members = _members(target, _TARGET, "take_profit")
        terms.tp = _step(members.get("steps"))


def _is_given(given: Any) -> bool:
    return bool(given) and not (isinstance(given, dict) and given.get("enabled") is False)


def _step(steps: Any) -> Target:
    if not isinstance(steps, list) or not steps:
        raise _unsupported("take_profit")
    if len(steps) > 1:
        raise Refused("several_targets", "Several take-profit steps in one message.")
    members = _members(steps[0], _STEP, "take_profit")
    if number(members.get("volume_percent", 100), "volume_percent") != 100:
        raise Refused("several_targets", "A take-profit step must close the whole position.")
    return _percent(members.get("price_percent"), "take_profit")


def _members(given: Any, known: frozenset[str], name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict) or set(given) - known:
        raise _unsupported(name)
    return given


def _percent(given: Any, name: str) -> Target:
    value = given if given is None or not isinstance(given, str) else plain_text(given, name)
    if value is None:
        raise _unsupported(name)
    return Target("percent", positive(abs(number(value, name)), name))


def _unsupported(name: str) -> Refused:
    return Refused("unsupported_option", f"{name} of the bot is not understood.")
