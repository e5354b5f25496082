"""What a broker does beside what it is asked for, drawn from one seed: the same run each time.

A draw depends on the seed and on what it is about, never on when or how often it is looked at.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from execution.rules.retcodes import LOOK_UP, RETCODES, SUCCESS, retcode_action

GAP_EVERY = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERCENT_MAX = 100
_POINTS_MAX = 100_000


class MannersInvalid(ValueError):
    """A setting of the paper broker that there is none of, or that cannot be."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the paper broker behaves; each `percent` counts requests, or quarters of an hour.

    `refuse_codes` are the return codes that a refused request gets, one of them drawn.
    """

    seed: str = "paper"
    slippage_points_max: int = 3
    requote_percent: int = 0
    partial_percent: int = 0
    refuse_percent: int = 0
    refuse_codes: tuple[int, ...] = (10018, 10006)
    gap_percent: int = 0
    gap_points_max: int = 200

    def draw(self, below: int, *about: object) -> int:
        """Return a number from 0 to `below` - 1."""
        text = ":".join(str(one) for one in (self.seed, *about))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % below

    def happens(self, percent: int, *about: object) -> bool:
        """Whether something that comes in so many of a hundred cases comes in this one."""
        return bool(percent) and self.draw(_PERCENT_MAX, *about) < percent

    def refusal(self, salt: str) -> int:
        """Return the code to refuse this request with, 0 for none."""
        if not self.happens(self.refuse_percent, "refuse", salt):
            return 0
        return self.refuse_codes[self.draw(len(self.refuse_codes), "code", salt)]

    def is_done_all_the_same(self, code: int, salt: str) -> bool:
        """Whether a request was carried out although the answer does not say so."""
        return retcode_action(code) == LOOK_UP and bool(self.draw(2, "all the same", salt))

    def part(self, volume: Decimal, step: Decimal, least: Decimal, salt: str) -> Decimal:
        """Return how much of a volume the market takes: all of it, or a part on its step."""
        steps = int(volume / step)
        if not self.happens(self.partial_percent, "partial", salt) or steps < 2:
            return volume
        part = step * (1 + self.draw(steps - 1, "part", salt))
        return part if part >= least and volume - part >= least else volume

    def gap_points(self, symbol: str, at: datetime) -> int:
        """Return how many points the price stands away from its quote in this quarter of an hour.

        The first moment of a quarter is where it jumps, there and back.
        """
        quarter = (at - _EPOCH) // GAP_EVERY
        if not self.happens(self.gap_percent, "gap", symbol, quarter):
            return 0
        return self.draw(2 * self.gap_points_max + 1, "points", symbol, quarter) - (
            self.gap_points_max
        )


def manners_read(text: str) -> Manners:
    """Read `name=value` pairs between blanks, such as `seed=7 requote_percent=5`.

    Raises MannersInvalid.
    """
    given: dict[str, Any] = {}
    for one in text.split():
        name, mark, value = one.partition("=")
        if not mark or name in given or name not in _READ:
            raise MannersInvalid(f"{one!r}: expected {', '.join(_READ)}, each once, as name=value")
        given[name] = _READ[name](name, value)
    return Manners(**given)


def _word(name: str, value: str) -> str:
    if not 1 <= len(value) <= 64:
        raise MannersInvalid(f"{name} has 1 to 64 characters")
    return value


def _number(name: str, value: str) -> int:
    most = _PERCENT_MAX if name.endswith("_percent") else _POINTS_MAX
    if not (value.isascii() and value.isdigit() and int(value) <= most):
        raise MannersInvalid(f"{name} is a whole number from 0 to {most}")
    return int(value)


def _codes(name: str, value: str) -> tuple[int, ...]:
    known = {str(code) for code in RETCODES if retcode_action(code) != SUCCESS}
    told = value.split(",")
    if not set(told) <= known:
        raise MannersInvalid(f"{name} are codes of refusals with commas between, such as 10018")
    return tuple(int(one) for one in told)


def _reader(kind: object) -> Any:
    return {"str": _word, "int": _number}.get(getattr(kind, "__name__", ""), _codes)


_READ: Mapping[str, Any] = {one.name: _reader(one.type) for one in fields(Manners)}
