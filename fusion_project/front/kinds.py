"""Kinds of requests: each has threads and a waiting line of its own, so none starves another."""

from dataclasses import dataclass
from typing import Final

HOOKS_PREFIX: Final = "/hooks/"
# The executor API, and what load balancers ask.
API_PREFIXES: Final = ("/api/", "/healthz", "/readyz")
MACHINE_PREFIXES: Final = (HOOKS_PREFIX, *API_PREFIXES)


@dataclass(frozen=True, slots=True)
class Kind:
    """`threads` of each web process; who has waited longer than `waiting_seconds` is told 503."""

    name: str
    threads: int
    waiting_seconds: float
    is_for_people: bool = False


# TradingView gives up after 3 s: waiting and Postgres' deadline together stay below that.
HOOKS: Final = Kind("hooks", threads=2, waiting_seconds=1.5)
API: Final = Kind("api", threads=1, waiting_seconds=1.5)
PAGES: Final = Kind("pages", threads=2, waiting_seconds=5.0, is_for_people=True)
KINDS: Final = (HOOKS, API, PAGES)
THREADS: Final = sum(kind.threads for kind in KINDS)
# Requests of one kind that may wait in one process; further ones are told 503 at once.
WAITING_MAX: Final = 256


def kind_of(path: str) -> Kind:
    """Return whose threads answer this path."""
    if path.startswith(HOOKS_PREFIX):
        return HOOKS
    return API if path.startswith(API_PREFIXES) else PAGES
