"""Executors that wait at the real web server: told at once, in no thread, whoever is killed."""

import json
import select
import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from execution.services.keys import key_issue
from execution.services.staging import decision_stage
from tests import database
from tests.builders.execution import Desk, account_follow, decision_make, desk_make
from tests.e2e.front.serving import Read, Served, answer_read, serving
from tests.factories.execution import BrokerAccountFactory
from tests.integration.local.waiting import wait_until

LISTENING = "application_name = 'fusion listens' AND datname = current_database()"
KEYS = 64
WAITING = 500


@pytest.fixture(scope="module")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """One server for all tests here, once each of its processes listens."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name), serving(tmp_path_factory.mktemp("wait")) as found:
            assert wait_until(lambda: wait_status(found) == 200, 20)
            yield found
            connections.close_all()
        database.clone_drop(name)


def call(served: Served, name: str, body: object, key: str) -> bytes:
    content = json.dumps(body).encode()
    head = served.head(
        f"/api/v1/executor/{name}",
        f"Authorization: Token {key}",
        f"Content-Length: {len(content)}",
    )
    return head + content


def wait_call(served: Served, seconds: int = 20, key: str = "", **body: object) -> bytes:
    return call(served, "wait", {"seconds": seconds, **body}, key or served.desk.key_text)


def wait_status(served: Served) -> int:
    """Wait as shortly as possible, on a connection of its own."""
    return served.status(wait_call(served, 1))


def polled(served: Served, desk: Desk) -> Read:
    with served.connect(call(served, "poll", {"instance": "ea-1"}, desk.key_text)) as connection:
        return answer_read(connection)


def entry_stage(desk: Desk) -> int:
    (order,) = decision_stage(decision_id=decision_make(desk.strategy, lots="0.01").id)
    return order.id


def is_answered(*waiting: socket.socket, seconds: float = 0.0) -> int:
    return len(select.select(waiting, [], [], seconds)[0])


def test_an_order_that_is_staged_reaches_a_waiting_executor_at_once(served: Served) -> None:
    desk = desk_make()
    taken = []
    for _ in range(5):
        server_time = json.loads(polled(served, desk).body)["server_time"]
        with served.connect(wait_call(served, key=desk.key_text, since=server_time)) as waiting:
            time.sleep(0.3)
            assert not is_answered(waiting)
            started = time.monotonic()
            order_id = entry_stage(desk)
            assert answer_read(waiting).status == 200
            orders = json.loads(polled(served, desk).body)["orders"]
            taken.append(time.monotonic() - started)
            assert str(order_id) in [one["order_id"] for one in orders]
    assert min(taken) < 0.5


def test_what_is_staged_between_the_poll_and_the_wait_is_not_missed(served: Served) -> None:
    desk = desk_make()
    server_time = json.loads(polled(served, desk).body)["server_time"]
    entry_stage(desk)
    started = time.monotonic()
    with served.connect(wait_call(served, key=desk.key_text, since=server_time)) as waiting:
        assert answer_read(waiting).status == 200
    assert time.monotonic() - started < 5


def test_another_accounts_order_wakes_nobody_and_time_ends_the_wait(served: Served) -> None:
    desk, other = desk_make(), desk_make()
    started = time.monotonic()
    with served.connect(wait_call(served, 2, key=desk.key_text)) as waiting:
        time.sleep(0.3)
        entry_stage(other)
        assert not is_answered(waiting, seconds=1)
        assert answer_read(waiting).status == 200
    assert time.monotonic() - started > 1.9


def listening() -> int:
    with database.superuser_connect() as superuser:
        row = superuser.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {LISTENING}")
        return int(row.fetchone()[0])  # type: ignore[index]


def test_a_listener_that_is_killed_lets_all_go_and_comes_back(served: Served) -> None:
    desk = desk_make()
    assert wait_until(lambda: listening() == 2, 10)
    waiting = [served.connect(wait_call(served, key=desk.key_text)) for _ in range(4)]
    time.sleep(0.5)
    assert is_answered(*waiting) == 0
    with database.superuser_connect() as superuser:
        superuser.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENING}"
        )
    assert wait_until(lambda: is_answered(*waiting) == 4, 3)
    assert {answer_read(one).status for one in waiting} == {200}
    for one in waiting:
        one.close()
    assert wait_until(lambda: listening() == 2, 10)
    assert wait_until(lambda: [wait_status(served) for _ in range(4)] == [200] * 4, 20)
    with served.connect(wait_call(served, key=desk.key_text)) as again:
        time.sleep(0.3)
        entry_stage(desk)
        assert answer_read(again).status == 200


@pytest.mark.long
def test_five_hundred_that_wait_hold_no_thread_and_starve_nobody(served: Served) -> None:
    accounts = [BrokerAccountFactory() for _ in range(KEYS)]
    keys = [key_issue(account_id=one.id, label="", actor="user:1").text for one in accounts]
    desk = desk_make()
    account_follow(desk.strategy)
    calls = [wait_call(served, 20, key=keys[number % KEYS]) for number in range(WAITING)]
    waiting: dict[socket.socket, bytes] = {}
    end = time.monotonic() + 15
    while time.monotonic() < end:
        for one in calls[:10]:
            waiting[served.connect(one)] = one
        del calls[:10]
        # Who was turned away while threads were busy asks again.
        for answered in select.select(list(waiting), [], [], 0.05)[0]:
            assert answer_read(answered).status == 503
            answered.close()
            calls.append(waiting.pop(answered))
    time.sleep(0.5)
    held = len(waiting) - is_answered(*waiting)
    assert held > 0.9 * WAITING
    taken = []
    for _ in range(6):
        for request, status in (
            (served.alert(), 202),
            (call(served, "poll", {"instance": "ea-1"}, desk.key_text), 200),
            (served.page(), 200),
            (served.page("/healthz"), 200),
        ):
            started = time.monotonic()
            assert served.status(request) == status
            taken.append(time.monotonic() - started)
    assert max(taken) < 2
    assert len(waiting) - is_answered(*waiting) > 0.8 * held
    for one in waiting:
        one.close()
