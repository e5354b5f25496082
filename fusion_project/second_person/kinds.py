"""The kinds of requests, each registered by the app that carries it out, in `requests.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fusion_project.second_person.errors import RequestKindUnknown
from fusion_project.second_person.models import Payload, Request


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One kind of request.

    `describe` says in one sentence what will happen. `check` raises a DomainError where it may not
    happen; it is asked when the request is made and again when it is carried out. `carry_out` does
    it, in the transaction that marks the request done, and says what was done; a kind without one
    is carried out when the person who asked collects it (`request_collect`), such as a key, which
    can be shown to nobody else.
    """

    name: str
    describe: Callable[[Payload], str]
    check: Callable[[Payload], None]
    carry_out: Callable[[Payload, Request], str] | None = None


_kinds: dict[str, RequestKind] = {}


def kind_register(kind: RequestKind) -> None:
    """Say that requests of this kind are carried out. Raises ValueError for one that is known."""
    if kind.name in _kinds:
        raise ValueError(f"two kinds of requests are named {kind.name}")
    _kinds[kind.name] = kind


def kind_of(name: str) -> RequestKind:
    """Return the kind; raises RequestKindUnknown."""
    if name not in _kinds:
        known = ", ".join(sorted(_kinds)) or "none"
        raise RequestKindUnknown(f"There is no request of kind {name!r}. Known: {known}.")
    return _kinds[name]
