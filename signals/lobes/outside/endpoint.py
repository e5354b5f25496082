"""Where a model is asked, as which one, by which prompt, and what that costs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

# What may stand in a version, a column and a page.
_MODEL_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+:-]{0,79}")
# Between a model's name and what tells one of its releases from the next.
_RELEASE_MARKS: Final = "-:@"
_RELEASE_LENGTH_MAX: Final = 24
_MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens: read, read again from the server's cache, written."""

    read: Decimal = Decimal(0)
    cached: Decimal = Decimal(0)
    written: Decimal = Decimal(0)

    def cost_usd(self, *, read: int, cached: int, written: int) -> Decimal:
        """What a call cost; `cached` is a part of `read`."""
        fresh = max(0, read - cached)
        return (fresh * self.read + cached * self.cached + written * self.written) / _MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model that may be asked; `why_asleep` says why it cannot be, as without a key.

    `answers_as`: the model names that an answer may bear, or the beginnings of them. `schema`: it
    keeps to a JSON schema; otherwise it is told to answer JSON, and read as strictly. `more`: what
    else a request says, as how long it may think. `tokens_max`: the longest answer that is paid.
    """

    name: str
    url: str
    model: str
    key: str = field(default="", repr=False)
    why_asleep: str = ""
    answers_as: tuple[str, ...] = ()
    prompt: str = "1"
    schema: bool = True
    prices: Prices = Prices()
    daily_usd_max: Decimal = Decimal(0)
    more: Mapping[str, Any] = field(default_factory=dict)
    tokens_max: int = 40
    seconds_max: float = 60.0

    def is_its_name(self, model: str) -> bool:
        """Whether an answer that bears this name is one of the model that was asked."""
        if not _MODEL_FORM.fullmatch(model):
            return False
        return any(
            model == name
            or (
                model.startswith(name)
                and model[len(name)] in _RELEASE_MARKS
                and len(model) - len(name) <= _RELEASE_LENGTH_MAX
            )
            for name in self.answers_as or (self.model,)
        )
