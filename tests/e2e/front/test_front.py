"""The web server against senders that stop half-way, dawdle, or use HTTP in unusual ways."""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import quantiles

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from fusion_project.events.clock import now
from fusion_project.front.command import WEB_WORKERS
from fusion_project.front.server import LARGE_AT_ONCE, LARGE_BYTES
from signals.models import Alert, Delivery
from tests import database
from tests.e2e.front.serving import HalfSent, Served, answer_read, serving, web_start
from tests.factories.signals import EntryFactory, body_of
from tests.integration.local.waiting import wait_until

HALF_SENT = 60
FORM = "/tools/alert-linter/"
LARGE = "/static/vendor/lightweight-charts/5.2.1/lightweight-charts.standalone.production.js"


@pytest.fixture(scope="module")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """One server for all tests here: each looks at what it sent itself."""
    with django_db_blocker.unblock():
        name = database.clone_create()
        with database.pointed_at(name), serving(tmp_path_factory.mktemp("front")) as found:
            yield found
            connections.close_all()
        database.clone_drop(name)


def _newest() -> Delivery:
    return Delivery.objects.latest("id")


def _length(count: int) -> str:
    return f"Content-Length: {count}"


def test_beside_sixty_half_sent_bodies_each_webhook_poll_and_page_is_answered(
    served: Served,
) -> None:
    heads = [
        served.head(path, _length(500))
        for path in (served.strategy.path, "/api/v1/executor/poll", FORM)
    ]
    with HalfSent(served, heads * (HALF_SENT // 3)) as half_sent:
        for _ in range(12):
            assert served.status(served.alert()) == 202
            assert served.status(served.poll()) == 200
            assert served.status(served.page()) == 200
            assert served.status(served.page("/healthz")) == 200
            assert half_sent.held == HALF_SENT
    assert set(half_sent.answers) <= {408}


def test_beside_sixteen_half_sent_webhook_bodies_polls_are_answered_within_a_second(
    served: Served,
) -> None:
    heads = [served.head(served.strategy.path, _length(500))] * 16
    seconds = []
    with HalfSent(served, heads) as half_sent:
        for _ in range(200):
            began = time.monotonic()
            assert served.status(served.poll()) == 200
            seconds.append(time.monotonic() - began)
            assert half_sent.held == 16
    assert quantiles(seconds, n=100)[-1] < 1, f"the slowest: {sorted(seconds)[-3:]}"


def _answered(waiting: list[socket.socket]) -> int:
    return len(select.select(waiting, [], [], 0)[0])


@pytest.mark.parametrize(
    ("table", "slow", "quick"),
    [
        ("events_sealbatch", "page", {"alert": 202, "poll": 200}),
        ("signals_delivery", "alert", {"poll": 200, "static": 200}),
        ("execution_order", "poll", {"alert": 202, "static": 200}),
    ],
)
def test_a_kind_whose_threads_are_all_held_up_holds_up_no_other(
    served: Served, table: str, slow: str, quick: dict[str, int]
) -> None:
    requests = {
        "alert": served.alert,
        "poll": served.poll,
        "page": lambda: served.page("/seal/"),
        "static": lambda: served.page(LARGE),
    }
    with database.superuser_connect() as superuser:
        superuser.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        waiting = [served.connect(requests[slow]()) for _ in range(24)]
        statuses = {name: served.status(requests[name]()) for name in quick}
        still_waiting = len(waiting) - _answered(waiting)
        superuser.rollback()
    assert statuses == quick
    assert still_waiting > 0
    for connection in waiting:
        assert answer_read(connection, "GET").status in {200, 202, 503}
        connection.close()


def test_of_large_bodies_a_few_are_held_and_all_else_goes_on(served: Served) -> None:
    places = LARGE_AT_ONCE * WEB_WORKERS
    head = served.head("/api/v1/executor/heartbeat", _length(LARGE_BYTES + 1)) + b"{"
    waiting = [served.connect(head) for _ in range(places + 16)]
    assert wait_until(lambda: _answered(waiting) >= 16, 2)
    assert served.status(served.poll()) == 200
    assert served.status(served.alert()) == 202
    refused = select.select(waiting, [], [], 0)[0]
    assert {answer_read(one).status for one in refused} == {503}
    for connection in waiting:
        connection.close()


def test_a_webhook_body_that_stops_is_answered_408_and_kept_as_evidence(served: Served) -> None:
    body = body_of(EntryFactory(at=now()))
    alerts = Alert.objects.count()
    with served.connect(served.head(served.strategy.path, _length(len(body)))) as connection:
        connection.sendall(body[:-1])
        answer = answer_read(connection)
        assert connection.recv(1) == b""
    assert (answer.status, json.loads(answer.body)["reason"]) == (408, "late_body")
    kept = _newest()
    assert (kept.verdict, kept.rule, bytes(kept.body)) == ("unreadable", "late_body", body[:-1])
    assert kept.pk == json.loads(answer.body)["receipt"]
    assert Alert.objects.count() == alerts


def test_a_webhook_body_that_trickles_is_answered_408_before_it_ends(served: Served) -> None:
    with served.connect(served.head(served.strategy.path, _length(500))) as connection:
        sent = 0
        while not select.select([connection], [], [], 0.5)[0]:
            connection.sendall(b" ")
            sent += 1
        assert answer_read(connection).status == 408
    assert 1 < sent < 500


def test_a_late_body_without_a_valid_secret_is_401_like_any_other(served: Served) -> None:
    with served.connect(served.head("/hooks/tradingview/x/y", _length(9)) + b"{") as connection:
        assert answer_read(connection).status == 401


@pytest.mark.parametrize("path", ["/api/v1/executor/poll", FORM])
def test_other_bodies_that_stop_are_answered_408_by_the_front(served: Served, path: str) -> None:
    with served.connect(served.head(path, _length(9)) + b"{") as connection:
        answer = answer_read(connection)
    assert (answer.status, answer.headers["connection"]) == (408, "close")


@pytest.mark.parametrize("begun", [b"", b"POST /hooks/tradingview/x HTTP/1.1\r\nHost: loc"])
def test_a_head_that_never_ends_is_given_up(served: Served, begun: bytes) -> None:
    with served.connect(begun) as connection:
        assert connection.recv(1) == b""


def test_a_webhook_body_over_the_limit_is_413_and_its_beginning_is_kept(served: Served) -> None:
    with served.connect(served.head(served.strategy.path, _length(10**9))) as connection:
        connection.sendall(b"x" * 20_000)
        answer = answer_read(connection)
    assert (answer.status, json.loads(answer.body)["reason"]) == (413, "too_large")
    assert (_newest().rule, bytes(_newest().body)) == ("too_large", b"x" * 1024)


@pytest.mark.parametrize("path", ["/api/v1/executor/poll", FORM])
def test_another_body_over_the_limit_is_413_before_any_of_it_is_read(
    served: Served, path: str
) -> None:
    with served.connect(served.head(path, _length(10**9))) as connection:
        assert answer_read(connection).status == 413


def test_a_webhook_without_a_length_is_refused_and_kept_and_others_are_411(served: Served) -> None:
    chunks = b"5\r\nhello\r\n0\r\n\r\n"
    chunked = "Transfer-Encoding: chunked"
    with served.connect(served.head(served.strategy.path, chunked) + chunks) as connection:
        answer = answer_read(connection)
    assert (answer.status, json.loads(answer.body)["reason"]) == (400, "incomplete_body")
    assert bytes(_newest().body) == b"hello"
    assert served.status(served.head("/api/v1/executor/poll", chunked) + chunks) == 411


def test_what_came_before_a_connection_broke_is_kept_and_never_acted_on(served: Served) -> None:
    body = body_of(EntryFactory(at=now()))
    alerts, before = Alert.objects.count(), _newest().pk
    with served.connect(served.head(served.strategy.path, _length(len(body)))) as connection:
        connection.sendall(body[:-1])
    assert wait_until(lambda: _newest().pk != before)
    kept = _newest()
    assert (kept.rule, bytes(kept.body)) == ("incomplete_body", body[:-1])
    assert Alert.objects.count() == alerts


def test_requests_on_one_connection_are_answered_in_their_order(served: Served) -> None:
    asked = [served.alert(), served.page("/healthz"), served.poll(), served.page("/nowhere")]
    with served.connect(b"".join(asked)) as connection:
        answers = [answer_read(connection) for _ in asked]
    assert [answer.status for answer in answers] == [202, 200, 200, 404]


def test_a_sender_that_asks_before_it_sends_is_told_to_go_on(served: Served) -> None:
    body = body_of(EntryFactory(at=now()))
    lines = (_length(len(body)), "Expect: 100-continue")
    with served.connect(served.head(served.strategy.path, *lines)) as connection:
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert answer_read(connection).status == 202


def test_a_head_request_has_the_headers_and_no_body(served: Served) -> None:
    for path in ("/methodology/", LARGE):
        with served.connect(served.page(path)) as connection:
            whole = answer_read(connection, "GET")
        with served.connect(served.page(path, "HEAD") + served.page("/healthz")) as connection:
            head = answer_read(connection, "HEAD")
            assert answer_read(connection, "GET").status == 200
        assert (whole.status, head.status, head.body) == (200, 200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
        assert len(whole.body) == int(whole.headers["content-length"])


def test_who_does_not_read_an_answer_holds_no_thread(served: Served) -> None:
    large = served.page(LARGE)
    idle = [served.connect(large * 60) for _ in range(24)]
    try:
        assert [served.status(served.page()) for _ in range(4)] == [200] * 4
    finally:
        for connection in idle:
            connection.close()


def test_a_header_with_an_underscore_is_no_forwarding_header(served: Served) -> None:
    body = body_of(EntryFactory(at=now()))
    lines = ("X_Forwarded_For: 203.0.113.9", _length(len(body)))
    assert served.status(served.head(served.strategy.path, *lines) + body) == 202
    assert _newest().peer == "127.0.0.1"


def test_a_request_that_was_begun_is_answered_although_the_server_stops(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body = body_of(EntryFactory(at=now()))
    with web_start(tmp_path_factory.mktemp("stop"), 1) as (port, child):
        one = replace(served, port=port, child=child)
        begun = one.connect(one.head(one.strategy.path, _length(len(body))) + body[:-1])
        # What is answered was read later, by the one worker that there is.
        assert one.status(one.page("/healthz")) == 200
        assert child.pid is not None
        os.kill(child.pid, signal.SIGTERM)
        assert wait_until(lambda: not _accepts(port))
        begun.sendall(body[-1:])
        assert answer_read(begun).status == 202
        begun.close()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
