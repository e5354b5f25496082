"""Alerts of one trade that overtake each other, and how many trips to the database one costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fusion_project.events.clock import now
from fusion_project.postgres.deadline import DeadlineConnection
from signals.models import Alert, Decision, Delivery
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.factories.signals import (
    BAR_SECONDS,
    AmendFactory,
    CancelFactory,
    EntryFactory,
    ExitFactory,
    PartialExitFactory,
    body_of,
)

BAR_MS = BAR_SECONDS * 1000


def entry(bars: int = 0, **members: Any) -> dict[str, Any]:
    """An entry of trade t:1 whose bar lies `bars` away from the current one."""
    message: dict[str, Any] = EntryFactory(at=now(), id="t:1", **members)
    for name in ("bar_time", "bar_close"):
        message[name] += bars * BAR_MS
    return message


@pytest.fixture
def patient(db: None, clock: Any) -> BuiltStrategy:
    """A strategy that takes entries of earlier bars."""
    clock.set(now())
    return strategy_built(stale_seconds=100_000)


@pytest.mark.parametrize("bars", [0, -1, -5])
@pytest.mark.parametrize("factory", [ExitFactory, CancelFactory])
def test_an_entry_after_its_trades_end_is_refused_with_a_receipt(
    patient: BuiltStrategy, factory: Any, bars: int
) -> None:
    assert alert_received(patient, factory(at=now(), trade_id="t:1")).status == 202
    late = alert_received(patient, entry(bars))
    assert (late.status, late.reason) == (200, "trade_closed_already")
    assert late.receipt is not None
    assert late.receipt.delivery_id == Delivery.objects.latest("id").id
    assert not Decision.objects.filter(verb="entry").exists()
    assert alert_received(patient, entry(bars)).reason == "trade_closed_already"


def test_an_entry_of_a_later_bar_than_the_exit_is_another_trade(patient: BuiltStrategy) -> None:
    alert_received(patient, ExitFactory(at=now(), trade_id="t:1"))
    assert alert_received(patient, entry(1)).status == 202


@pytest.mark.parametrize("factory", [PartialExitFactory, AmendFactory])
def test_what_does_not_end_the_trade_leaves_its_entry_alone(
    patient: BuiltStrategy, factory: Any
) -> None:
    assert alert_received(patient, factory(at=now(), trade_id="t:1")).status == 202
    assert alert_received(patient, entry(-1)).status == 202


def test_another_trade_or_strategy_is_not_concerned(patient: BuiltStrategy) -> None:
    alert_received(patient, ExitFactory(at=now(), trade_id="t:2"))
    alert_received(strategy_built("other"), ExitFactory(at=now(), trade_id="t:1"))
    assert alert_received(patient, entry()).status == 202


def test_a_name_used_again_on_the_bar_of_its_exit_is_a_new_trade(patient: BuiltStrategy) -> None:
    alert_received(patient, entry(-1))
    alert_received(patient, ExitFactory(at=now(), trade_id="t:1"))
    again = {**entry(), "id": "t:1:again", "trade_id": "t:1"}
    assert alert_received(patient, again).status == 202
    older = {**entry(-2), "id": "t:1:older", "trade_id": "t:1"}
    assert alert_received(patient, older).reason == "trade_closed_already"


def plain(action: str, sent_seconds_ago: int | None = None) -> bytes:
    time = ""
    if sent_seconds_ago is not None:
        at = int(now().timestamp()) - sent_seconds_ago
        time = f',"timestamp":{at}'
    return f'{{"symbol":"EURUSD","action":"{action}","trade_id":"t:9"{time}}}'.encode()


def test_without_bar_times_the_time_of_sending_decides(patient: BuiltStrategy) -> None:
    assert alert_received(patient, plain("close", 0)).status == 202
    assert alert_received(patient, plain("buy", 5)).reason == "trade_closed_already"
    assert alert_received(patient, plain("buy", -5)).status == 202


def test_where_nothing_tells_the_order_the_entry_passes(patient: BuiltStrategy) -> None:
    assert alert_received(patient, plain("close")).status == 202
    assert alert_received(patient, plain("buy")).status == 202


def test_an_expired_entry_is_refused(patient: BuiltStrategy) -> None:
    over = int(now().timestamp() * 1000) - 1
    assert alert_received(patient, entry(expires_at=over)).reason == "expired"


@pytest.mark.usefixtures("committed_db")
def test_an_accepted_alert_costs_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    built, client = strategy_built(), Client()
    messages = [body_of(EntryFactory(at=now())) for _ in range(3)]
    # The first opens the connection and reads the strategies.
    client.post(built.path, messages[0], content_type="application/json")
    trips = []
    wait = DeadlineConnection.wait

    def counted(self: DeadlineConnection, *args: Any, **kwargs: Any) -> Any:
        trips.append(1)
        return wait(self, *args, **kwargs)

    monkeypatch.setattr(DeadlineConnection, "wait", counted)
    for message in messages[1:]:
        answer = client.post(built.path, message, content_type="application/json")
        assert answer.status_code == 202
    assert len(trips) == 2
    assert Alert.objects.count() == 3
