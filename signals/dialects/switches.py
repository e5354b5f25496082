"""Members that change what a whole message means, whatever else it says. Pure.

A message that is for paper money, switched off, turned around, delayed or bound to a condition is
refused: to leave such a member out would be another trade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Refused
from signals.dialects.harmless import says_nothing
from signals.dialects.named_fields import key_of, plain_name
from signals.dialects.values import number, word

TEST: Final = ("test", "istest", "dryrun", "testmode", "simulate", "simulation", "validateonly")
REDUCE_ONLY: Final = ("reduceonly", "closeonly")
POSITION_SIDE: Final = ("positionside", "posside", "holdside", "closeside")
EFFECT: Final = ("positioneffect", "poseffect", "tradeside", "openclose", "offset", "intent")
CLOSE_OPPOSITE: Final = ("closeopposite", "closeoppositeposition", "closeoppositepositions")

# Refused where they say yes.
_NOT_FOR_US: Final = frozenset(
    {
        *("paper", "ispaper", "papertrade", "papertrading", "sandbox", "demo", "isdemo", "testnet"),
        *("inverse", "invert", "inverted", "reverse", "reversed", "contrarian"),
        *("preventpyramiding", "conditionalpyramiding", "closeinprofit", "usepartialclose"),
    }
)
# Refused where they say no.
_ON: Final = frozenset(
    {
        *("enabled", "isenabled", "active", "isactive", "execute", "autoexecute"),
        *("live", "islive", "livetrading", "livemode"),
    }
)
_MODES: Final = frozenset(
    {"mode", "tradingmode", "trademode", "tradetype", "env", "environment", "accounttype"}
)
_MODES_NOT_FOR_US: Final = frozenset(
    {
        *("paper", "papertrade", "papertrading", "sandbox", "demo", "testnet", "test", "dryrun"),
        *("simulation", "simulated", "backtest"),
        *("inverse", "invert", "inverted", "reverse", "reversed", "overflow", "contrarian"),
    }
)
_MODES_FOR_US: Final = frozenset(
    {"live", "real", "prod", "production", "normal", "standard", "default", "auto", "automatic"}
)
_DELAYS: Final = frozenset({"delay", "delayseconds", "delaysec", "delays", "delayms"})
_LISTS: Final = frozenset({"legs", "orders", "trades", "signals", "actions", "commands"})
_YES: Final = ("true", "yes", "1", "on")
_NO: Final = ("false", "no", "0", "off")
SWITCHES: Final = frozenset({*_NOT_FOR_US, *_ON, *_MODES, *_DELAYS})

TIMES: Final = frozenset({*words.TIME_EITHER, *words.TIME_BAR, *words.TIME_SENT})
# What a generic message would act on. A named dialect leaves a message with one of them, if it is
# not its own, to those who read it.
_ACTED_ON: Final = frozenset(
    {
        *words.SYMBOL,
        *words.ACTION_HARD,
        *words.AFTER_WORD,
        *words.AFTER_SIZE_SIGNED,
        *words.AFTER_SIZE,
        *words.BEFORE_WORD,
        *words.BEFORE_SIZE,
        *words.CLOSE_PCT,
        *words.CLOSE_PARTS,
        *words.SIZE_TYPE,
        *words.ORDER_TYPE,
        *words.LIMIT_PRICE,
        *words.STOP_PRICE,
        *words.STOPS,
        *words.TARGETS,
        *words.EXPIRES,
        *words.LAG,
        *(set(words.SIZES) - {"volume"}),
        *REDUCE_ONLY,
        *POSITION_SIDE,
        *EFFECT,
        *CLOSE_OPPOSITE,
        *TEST,
        *TIMES,
        "closeposition",
        "closeall",
        "isbuy",
        "issell",
        "isclose",
        "cancel",
        "cancelall",
    }
)

_STOP_LIKE: Final = re.compile(r"^(sl|tp)(?!ip|op|ot|ow|ug|eep)|stop|loss|takeprofit|target")


def is_on(value: Any) -> bool:
    """Return whether a switch says yes; what is neither yes nor no is no switch."""
    return value is True or value == 1 or (isinstance(value, str) and word(value) in _YES)


def _is_off(value: Any) -> bool:
    if isinstance(value, str):
        return word(value) in _NO
    return not isinstance(value, list | dict) and value is not None and value == 0


def switches_check(values: Mapping[str, Any], *, opens: bool) -> list[str]:
    """Refuse what must not be left out; only what opens may come too early.

    Returns the names, as written, of the switches that stand as they are carried out here.
    """
    understood = []
    for written, value in values.items():
        name = key_of(written)
        if name in _NOT_FOR_US and is_on(value):
            raise Refused("unsupported_option", f"{name} cannot be carried out here.")
        if name in _ON and _is_off(value):
            raise Refused("unsupported_option", f"{name} says that nothing is to be done.")
        if name in _MODES and isinstance(value, str) and word(value) in _MODES_NOT_FOR_US:
            raise Refused("unsupported_option", f"{name} {value!r} cannot be carried out here.")
        if name in _LISTS and isinstance(value, list) and value:
            raise Refused("several_commands", f"{name} asks for several things; send one.")
        if name in _DELAYS and opens and not _is_zero(value, name):
            raise Refused("unsupported_option", f"{name}: nothing waits here; send it later.")
        if _is_as_here(name, value, opens=opens):
            understood.append(written)
    return understood


def _is_as_here(name: str, value: Any, *, opens: bool) -> bool:
    return (
        (name in _NOT_FOR_US and _is_off(value))
        or (name in _ON and is_on(value))
        or (name in _MODES and isinstance(value, str) and word(value) in _MODES_FOR_US)
        or (name in _DELAYS and opens)
    )


def foreign_members(data: Mapping[str, Any], own: Iterable[str]) -> list[str]:
    """Return the members of a named dialect's message that mean something and are not its own."""
    known = frozenset(own)
    return [
        name
        for name, value in data.items()
        if name not in known
        and value is not False
        and not says_nothing(value)
        and (plain_name(name) in _ACTED_ON or _STOP_LIKE.search(plain_name(name)))
    ]


def _is_zero(value: Any, name: str) -> bool:
    return value in (None, "", False) or number(value, name) == 0
