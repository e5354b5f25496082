"""The server of a run, and what its polls gave leave for."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.e2e.ea import serving


@dataclass
class Leave:
    """Entries of one poll that may be sent: by order id, from the poll's sending on (ms)."""

    at_ms: int
    orders: frozenset[str]


@dataclass
class Desk:
    """Notes the permit of each poll under the moment at which it was asked for."""

    clock_ms: Callable[[], int] = lambda: 0
    clock_tell: Callable[[], None] = lambda: None  # sets the database's clock to that
    leaves: list[Leave] = field(default_factory=list)

    def over(self, application: Any) -> Any:
        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            self.clock_tell()
            if not environ["PATH_INFO"].endswith("/poll"):
                return application(environ, start_response)
            at_ms, body = self.clock_ms(), b"".join(application(environ, start_response))
            permit = json.loads(body).get("permit") or {}
            if permit.get("entries_allowed"):
                self.leaves.append(Leave(at_ms, frozenset(o["order_id"] for o in permit["orders"])))
            return [body]

        return answer


@contextmanager
def served(desk: Desk, poll_seconds: str) -> Iterator[str]:
    """The server's address. Polls are most of the work: those that come seldom make runs short."""
    with patch("execution.answers.POLL_SECONDS", poll_seconds), serving.served(desk.over) as url:
        yield url
