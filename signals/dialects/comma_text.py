"""The grammar that licence-first bridges share: `LICENCE,word,word,key=value,…`. Pure.

PineConnector and TradeSgnl differ in the order of command and symbol; commands and keys are alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import is_credential_name
from signals.dialects.defaults import default_target, entry_unit
from signals.dialects.drafts import Draft
from signals.dialects.planned import PlanKeys, plan_read
from signals.dialects.terms import IGNORED, Stated, Terms, set_pips_target, set_size
from signals.dialects.values import plain_text, positive, share, symbol
from signals.intake.parsing import Content

FIELDS_MAX: Final = 48
_NUMBER: Final = re.compile(r"[0-9.]+")
# The upper limit of a line that can be a command; longer texts are prose.
LENGTH_MAX: Final = 2048


class Command(NamedTuple):
    """What a command word asks for: steps in order, and the type of the order it opens."""

    steps: tuple[tuple[str, str], ...]
    order_type: str = "market"


@dataclass(frozen=True, slots=True)
class Line:
    """One message: the words before the first `key=value`, and the keys in lower case."""

    words: tuple[str, ...]
    fields: Mapping[str, str]


def first_words(content: Content, count: int) -> list[str]:
    """Return the first comma-separated words in lower case, for claiming; never raises."""
    text = content.text.strip()
    if content.is_json or len(text) > LENGTH_MAX or text[:1] in "{[\"'":
        return []
    return [part.strip().lower() for part in text.split(",", count)[:count]]


def read_line(text: str) -> Line:
    """Split one message; a second line, a key named twice or a stray word is refused."""
    text = text.strip()
    if len(text.splitlines()) > 1:
        raise Refused("several_commands", "Send one line, with one command.")
    words: list[str] = []
    fields: dict[str, str] = {}
    parts = text.split(",")
    if len(parts) > FIELDS_MAX:
        raise Refused("too_many_keys", f"At most {FIELDS_MAX} fields.")
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            if fields or not name:
                raise Refused("malformed_text", "Every field after the first key needs key=value.")
            words.append(plain_text(name, "word"))
            continue
        key = name.lower()
        if key in fields:
            raise Refused("duplicate_key", f"{key} is named twice.")
        if not value or not key.isidentifier():
            raise Refused("malformed_text", "A key or its value is missing.")
        is_free = key == "comment" or is_credential_name(key)
        fields[key] = value if is_free else plain_text(value, key)
    return Line(tuple(words), fields)


def line_symbol(text: str | None) -> str:
    """Return the symbol; a bare number in its place is a price or a licence of another syntax."""
    if text is not None and _NUMBER.fullmatch(text):
        raise Refused("unknown_symbol", "A number stands where the symbol belongs.")
    return symbol(text)


@dataclass(frozen=True, slots=True)
class Keys:
    """Which keys a dialect knows: units of sizes, stops, targets; what closes a part; the rest."""

    sizes: Mapping[str, str | None]
    stops: Mapping[str, str | None]
    targets: Mapping[str, str | None]
    entry_prices: Mapping[str, str | None]
    close_pct: tuple[str, ...]
    managing: frozenset[str]
    plan: PlanKeys | None = None
    harmless: frozenset[str] = frozenset({"comment", "magic"})

    def known(self) -> frozenset[str]:
        """Return every key that may be there."""
        return frozenset().union(
            self.sizes,
            self.stops,
            self.targets,
            self.entry_prices,
            self.close_pct,
            self.managing,
            self.harmless,
            () if self.plan is None else self.plan.entry_distances,
        )


def add_legs(draft: Draft, command: Command, line: Line, keys: Keys) -> dict[str, str]:
    """Carry out the steps of a command with the line's keys; return those that are not known."""
    unknown = unread_members(line.fields, keys.known())
    _check_conditions(line)
    _check_share(command, line, keys)
    terms = Terms(order_type=command.order_type)
    opens = any(step == "entry" for step, _ in command.steps)
    if opens:
        terms.plan = None if keys.plan is None else plan_read(line.fields, keys.plan)
        _set_entry(terms, line, keys, draft.defaults)
    if opens or any(step == "amend" for step, _ in command.steps):
        _set_targets(terms, line, keys, draft.defaults)
    carry_out: dict[str, Callable[[str], None]] = {
        "entry": lambda side: draft.entry(side, terms),
        "amend": lambda side: draft.amend(side, terms),
        "partial_exit": lambda side: draft.partial_exit(side, _close_share(line, keys)),
        "exit": draft.exit,
        "cancel": draft.cancel,
        "cancel_all": lambda _: draft.cancel_all(),
        "close_all": lambda _: draft.close_all(),
    }
    for step, side in command.steps:
        carry_out[step](side)
    managing = keys.managing & line.fields.keys()
    if opens and managing:
        done = frozenset() if keys.plan is None else keys.plan.read_by(terms.plan)
        _require_stop(draft, is_carried_out=managing <= done)
    return unknown


def _check_conditions(line: Line) -> None:
    for key in ("spread", "accfilter"):
        if key in line.fields:
            raise Refused("unsupported_option", f"{key} is a condition that is not checked here.")


def _check_share(command: Command, line: Line, keys: Keys) -> None:
    """A share beside a whole close, or an opening, is not left out; `risk` is no share there."""
    if any(step == "partial_exit" for step, _ in command.steps):
        return
    for key in keys.close_pct:
        if key in line.fields and key not in keys.sizes:
            raise Refused("close_pct_misplaced", f"{key} belongs to a command that closes a part.")


def _stated(line: Line, units: Mapping[str, str | None]) -> list[Stated]:
    return [
        Stated(key, unit, line.fields[key]) for key, unit in units.items() if key in line.fields
    ]


def _set_entry(terms: Terms, line: Line, keys: Keys, defaults: StrategyDefaults) -> None:
    sizes = _stated(line, keys.sizes)
    if len(sizes) > 1:
        raise Refused("conflicting_sizes", f"{sizes[0].name} and {sizes[1].name} are both sizes.")
    if sizes and sizes[0].unit == "":
        raise Refused("unknown_size_mode", f"{sizes[0].name} cannot be carried out here.")
    set_size(terms, sizes, defaults)
    prices = _stated(line, keys.entry_prices)
    away = keys.plan.entry_distances if keys.plan is not None else {}
    named = [*(one.name for one in prices), *(name for name in away if name in line.fields)]
    if len(named) > 1:
        raise Refused("conflicting_fields", f"{named[0]} and {named[1]}: send one.")
    if terms.order_type == "market" or not prices:
        return
    one = prices[0]
    if one.unit is None and entry_unit(defaults) is None:
        raise Refused("unit_unclear", f"{one.name} could be a price or a distance.")
    name = "limit_price" if terms.order_type == "limit" else "stop_price"
    setattr(terms, name, positive(one.value, one.name))


def _set_targets(terms: Terms, line: Line, keys: Keys, defaults: StrategyDefaults) -> None:
    numbered = [key for key in line.fields if key[:2] == "tp" and key[2:].isdigit()]
    if len(numbered) > 1 or (numbered and any(key in line.fields for key in ("tp", "tp_price"))):
        raise Refused("several_targets", "Several take-profit levels in one message.")
    set_pips_target(terms, "sl", _stated(line, keys.stops), defaults)
    set_pips_target(terms, "tp", _stated(line, keys.targets), defaults)


def _close_share(line: Line, keys: Keys) -> Decimal:
    found = [key for key in keys.close_pct if key in line.fields]
    if not found:
        raise Refused("close_pct_required", f"Add {keys.close_pct[0]}= with the percentage.")
    if len(found) > 1:
        raise Refused("conflicting_sizes", f"{found[0]} and {found[1]}: send one.")
    return positive(share(line.fields[found[0]], found[0]), found[0])


def _require_stop(draft: Draft, *, is_carried_out: bool) -> None:
    """A trailing or break-even rule begins with a fixed stop; what is not carried out is named."""
    for number, leg in enumerate(draft.legs):
        if leg.is_entry:
            if leg.sl is None and default_target(draft.defaults, "sl") is None:
                raise Refused("unsupported_option", "A trailing stop needs a fixed stop beside it.")
            if not is_carried_out:
                draft.sources[f"legs.{number}.trailing"] = IGNORED
