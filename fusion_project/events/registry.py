"""Who handles which fact. Apps declare handlers in `handlers.py`; the log only knows names.

A handler runs inside one transaction together with its done-mark. It must not depend on the order
of events; one that needs a fact that is not there yet raises `NotYet`.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fusion_project.events import names
from fusion_project.events.subjects import subject_parse

LEASE_SECONDS = 20
BATCH_MAX = 50

Work = TypeVar("Work", bound=Callable[..., None])


class NotYet(Exception):
    """The handler needs another fact first: due again soon, without an attempt counted."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as handlers see it."""

    id: int
    at: dt.datetime
    name: str
    subject: str
    trace_id: str
    actor: str
    detail: dict[str, Any]

    @property
    def subject_id(self) -> int:
        """The number of the row that the fact is about."""
        return subject_parse(self.subject).id


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered handler: what it handles, its queue, its batch, and its call-out step."""

    name: str
    event_names: tuple[str, ...]
    queue: str
    batch: int
    work: Callable[..., None]
    prepare: Callable[[Recorded], Any] | None
    lease_seconds: int
    left_seconds: float = 0
    gives_way: str = ""


_handlers: dict[str, Handler] = {}
# Asked for every event, so kept until another handler is registered.
_names_of: dict[str, tuple[str, ...]] = {}


def handles(
    *event_names: str,
    queue: str,
    batch: int = 1,
    prepare: Callable[[Recorded], Any] | None = None,
    lease_seconds: int = LEASE_SECONDS,
    left_seconds: float = 0,
    gives_way: str = "",
) -> Callable[[Work], Work]:
    """Register a handler under `<app>.<function>`.

    batch > 1: the function gets a list of events of one transaction. `prepare(event)` runs before,
    outside any transaction, and its result is the function's second argument; calls to the network
    belong there. `lease_seconds` must outlast prepare and work together. `left_seconds`: the
    work is left for so long to a process of its own, for which nobody rings; then drain does it.
    `gives_way`: events whose detail holds this text are handled after all that are due and do not,
    as entries after what lowers risk; for those that do not, workers are rung for before all else.
    """
    unknown = set(event_names) - names.ALL
    if unknown or not event_names:
        raise ValueError(f"unknown event names: {sorted(unknown)}")
    if not 1 <= batch <= BATCH_MAX or (prepare is not None and batch > 1):
        raise ValueError("batch is 1 to 50, and 1 where there is a prepare step")

    def register(function: Work) -> Work:
        name = f"{function.__module__.split('.')[-2]}.{function.__name__}"
        if name in _handlers:
            raise ValueError(f"two handlers are named {name}")
        _handlers[name] = Handler(
            name,
            event_names,
            queue,
            batch,
            function,
            prepare,
            lease_seconds,
            left_seconds,
            gives_way,
        )
        _names_of.clear()
        return function

    return register


def handlers_of(event_name: str) -> list[str]:
    """Names of the handlers of this event, sorted."""
    found = _names_of.get(event_name)
    if found is None:
        of_event = (name for name, one in _handlers.items() if event_name in one.event_names)
        found = _names_of[event_name] = tuple(sorted(of_event))
    return [*found]


def handler_get(name: str) -> Handler:
    """Raises KeyError for a name that no app has registered."""
    return _handlers[name]


def handler_list() -> Sequence[Handler]:
    """Every registered handler, by name."""
    return [_handlers[name] for name in sorted(_handlers)]
