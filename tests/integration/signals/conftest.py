"""A strategy that trades, and a client that posts to the real webhook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from signals.services.shield import shield
from tests.builders.signals import BuiltStrategy, strategy_built
from tests.factories.signals import body_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def nobody_blocked() -> None:
    """What one test's callers did is nothing to the next."""
    shield.clear()


@pytest.fixture
def built(db: None, clock: Any) -> BuiltStrategy:
    """A strategy with a live secret; the clock stands at noon."""
    clock.set(NOON)
    return strategy_built()


@pytest.fixture
def post(built: BuiltStrategy) -> Post:
    """`post(message or bytes, path=..., **headers)` to the strategy's webhook."""
    client = Client(raise_request_exception=True)

    def send(message: dict[str, Any] | bytes, path: str = "", **headers: Any) -> Any:
        body = message if isinstance(message, bytes) else body_of(message)
        content_type = headers.pop("content_type", "application/json")
        return client.post(path or built.path, body, content_type=content_type, **headers)

    return send
