"""Where Postgres is away the answer is 503 at once: the sender's invitation to try again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client

from fusion_project.events.clock import now
from fusion_project.postgres.deadline import database_deadline
from signals.models import Alert
from signals.selectors import strategies
from signals.services import receiving
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, strategy_built
from tests.factories.signals import EntryFactory, body_of


@pytest.fixture
def built(committed_db: None) -> BuiltStrategy:
    return strategy_built()


@pytest.fixture
def away(built: BuiltStrategy) -> Iterator[None]:
    """Every new connection is refused."""
    settings = connections["default"].settings_dict
    before = settings["PORT"]
    connections["default"].close()
    settings["PORT"] = "1"
    yield
    connections["default"].close()
    settings["PORT"] = before


@pytest.fixture
def post(built: BuiltStrategy) -> Any:
    """Posts to the strategy's webhook; the server side is loaded before the first post."""
    client = Client(raise_request_exception=False)
    assert client.get(built.path).status_code == 405

    def send(body: bytes, path: str = built.path) -> Any:
        return client.post(path, body, content_type="text/plain")

    return send


@pytest.fixture
def body(built: BuiltStrategy) -> bytes:
    return body_of(EntryFactory(at=now()))


def test_a_refusing_postgres_gives_503_within_a_second(post: Any, body: bytes, away: None) -> None:
    started = time.monotonic()
    response = post(body)
    assert time.monotonic() - started < 1
    assert response.status_code == 503
    assert response["Retry-After"]


def test_even_unreadable_and_unknown_requests_get_503_while_nothing_can_be_stored(
    post: Any, away: None
) -> None:
    assert post(b"{").status_code == 503
    assert post(b"", path="/hooks/tradingview/a/b").status_code == 503


def test_a_read_only_server_gives_503_and_the_resend_is_stored(
    post: Any, body: bytes, superuser_connection: Any
) -> None:
    name = connections["default"].settings_dict["NAME"]
    superuser_connection.autocommit = True
    superuser_connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    connections["default"].close()
    assert post(body).status_code == 503
    superuser_connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    connections["default"].close()
    assert post(body).status_code == 202
    assert Alert.objects.count() == 1


def test_waiting_for_another_threads_look_at_the_strategies_ends_at_the_deadline(
    built: BuiltStrategy,
) -> None:
    started = time.monotonic()
    with strategies._loading, database_deadline(0.05), pytest.raises(OperationalError):
        strategies.strategy_card_get("ema-cross", taken_after=started)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(("changes", "status"), [(4, 202), (5, 503)])
def test_a_strategy_that_changes_again_and_again_costs_tries_and_no_alert_is_half_stored(
    built: BuiltStrategy,
    post: Any,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
    changes: int,
    status: int,
) -> None:
    accept, left = receiving.alert_accept, [changes]

    def changed_before(**arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", name="Again")
        return accept(**arguments)

    monkeypatch.setattr(receiving, "alert_accept", changed_before)
    assert post(body).status_code == status
    assert Alert.objects.count() == (1 if status == 202 else 0)
