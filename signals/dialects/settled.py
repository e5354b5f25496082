"""What people have settled about the members of one strategy's alerts. Pure.

The policy keeps it as JSON, by plain name: `{"rsidiv": {"is": "harmless", "why": "a plot"}}`. A
member is `harmless`, a `credential` (blanked before anything is stored), or it `means` another,
which `as` names: `{"is": "means", "as": "qty", "why": "shares in our script"}`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

HARMLESS: Final = "harmless"
CREDENTIAL: Final = "credential"
MEANS: Final = "means"
KINDS: Final = (HARMLESS, CREDENTIAL, MEANS)
SETTLED_MAX: Final = 64
NAME_LENGTH_MAX: Final = 64
WHY_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """The settlement in the form that readers ask; names are plain (see `plain_name`)."""

    harmless: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    means: Mapping[str, str] = field(default_factory=dict)


NOTHING: Final = Settled()


class SettlementWrong(ValueError):
    """The document cannot be a settlement; the text says where."""


def settled_of(document: Mapping[str, Any]) -> Settled:
    """Return the settlement of a checked document."""
    if not document:
        return NOTHING
    return Settled(
        harmless=_of_kind(document, HARMLESS),
        credentials=_of_kind(document, CREDENTIAL),
        means={name: one["as"] for name, one in document.items() if one["is"] == MEANS},
    )


def settlement_check(document: Any, known: Collection[str]) -> None:
    """Raise `SettlementWrong` unless the document can be kept. `known`: what members may mean."""
    if not isinstance(document, dict) or len(document) > SETTLED_MAX:
        raise SettlementWrong(f"The members must be an object of at most {SETTLED_MAX}.")
    for name, told in document.items():
        if not 0 < len(name) <= NAME_LENGTH_MAX:
            raise SettlementWrong(f"A member's name has 1 to {NAME_LENGTH_MAX} characters.")
        if not isinstance(told, dict) or told.get("is") not in KINDS:
            raise SettlementWrong(f"{name} must be one of: {', '.join(KINDS)}.")
        members = {"is", "why", "as"} if told["is"] == MEANS else {"is", "why"}
        if set(told) != members:
            raise SettlementWrong(f"{name} says {', '.join(sorted(members))} and nothing else.")
        why = told["why"]
        if not isinstance(why, str) or not 0 < len(why.strip()) <= WHY_LENGTH_MAX:
            raise SettlementWrong(f"{name} needs a why of 1 to {WHY_LENGTH_MAX} characters.")
        if told["is"] == MEANS and told["as"] not in known:
            raise SettlementWrong(f"{name} cannot mean {told['as']!r}, which no dialect knows.")


def _of_kind(document: Mapping[str, Any], kind: str) -> frozenset[str]:
    return frozenset(name for name, one in document.items() if one["is"] == kind)
