"""Crowds at the webhook: copies of one alert, thousands of resends, limits under pressure."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.models import Alert, Decision, Delivery, PeerWindow, UnknownCallerMinute
from signals.services.shield import shield
from tests.builders.signals import alert_received, strategy_built
from tests.factories.signals import EntryFactory, body_of

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def patience(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd on a busy machine may take longer than a request's deadline; only order counts."""
    shield.clear()
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 60
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "connect_timeout", 60)


def test_two_hundred_copies_at_once_make_one_alert_and_one_receipt(in_threads: Any) -> None:
    built = strategy_built()
    body = body_of(EntryFactory(at=now()))
    answers: list[Any] = []
    # The server takes a hundred connections; each thread of eighty sends some of the copies.
    for copies in in_threads(80, lambda who: [post(built.path, body) for _ in range(who % 2 + 2)]):
        answers += copies
    assert len(answers) == 200
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 199}
    for member in ("alert_id", "trace_id"):
        assert len({answer.json()[member] for answer in answers}) == 1
    assert Alert.objects.count() == Decision.objects.count() == 1
    assert Delivery.objects.count() == 200
    assert Event.objects.filter(name="alert.received").count() == 1


@pytest.mark.long
def test_ten_thousand_alerts_sent_up_to_four_times_decide_once_each(in_threads: Any) -> None:
    strategies = [strategy_built(f"s{n}", entries_per_minute_max=10_000) for n in range(8)]
    chance = random.Random(1)
    sends = []
    for number in range(10_000):
        body = body_of(EntryFactory(at=now(), id=f"many:{number}"))
        sends += [(number, body)] * chance.randrange(1, 5)
    # Resends come close to their alert, and out of order.
    order = sorted(range(len(sends)), key=lambda place: place + chance.randrange(200))
    queue = [sends[place] for place in order]

    def send(who: int) -> list[tuple[int, Any]]:
        return [
            (number, alert_received(strategies[number % 8], body)) for number, body in queue[who::8]
        ]

    answers: dict[int, list[Any]] = {}
    for some in in_threads(8, send):
        for number, answer in some:
            answers.setdefault(number, []).append(answer)
    assert len(answers) == 10_000
    for copies in answers.values():
        assert Counter(one.status for one in copies)[202] == 1
        assert {one.status for one in copies} <= {200, 202}
        assert len({(one.receipt.alert_id, one.receipt.trace_id) for one in copies}) == 1
    assert Alert.objects.count() == Decision.objects.count() == 10_000
    assert Delivery.objects.count() == len(sends)
    assert Event.objects.filter(name="alert.received").count() == 10_000


def test_of_a_hundred_at_once_exactly_as_many_as_the_limit_pass(
    in_threads: Any, settings: Any
) -> None:
    settings.UNKNOWN_CALLERS_PER_MINUTE = 10
    strategy_built()
    answers: list[Any] = []
    for some in in_threads(
        50, lambda who: [post("/hooks/tradingview/ema-cross/wrong", b"x") for _ in range(2)]
    ):
        answers += some
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: 90}
    assert all(1 <= int(one["Retry-After"]) <= 60 for one in answers if one.status_code == 429)
    assert UnknownCallerMinute.objects.exists()


def test_who_looked_at_the_clock_before_the_window_began_waits_no_longer_than_it() -> None:
    begins = now() + timedelta(seconds=30)
    PeerWindow.objects.create(peer="early", started_at=begins, seen=10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT signals_peer_take('early', 1, 10)")
        assert cursor.fetchone() == (60,)


def test_of_forty_entries_at_once_exactly_as_many_as_the_strategy_allows_are_accepted(
    in_threads: Any,
) -> None:
    built = strategy_built(entries_per_minute_max=7)
    bodies = [body_of(EntryFactory(at=now())) for _ in range(40)]
    answers = in_threads(40, lambda who: post(built.path, bodies[who]))
    assert Counter(answer.status_code for answer in answers) == {202: 7, 200: 33}
    assert Counter(answer.json()["reason"] for answer in answers) == {"": 7, "rate_limited": 33}
    assert Decision.objects.count() == 7


def post(path: str, body: bytes) -> Any:
    return Client().post(path, body, content_type="application/json")
