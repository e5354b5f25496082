"""The queue takes in doorbells in our own form, and nothing else."""

import copy
import json
from typing import Any

import pytest
from celery import Celery
from celery.fixups.django import DjangoWorkerFixup
from kombu import Connection
from kombu.transport import redis as kombu_redis

from fusion_project import broker
from fusion_project.broker import celery_url, is_doorbell
from fusion_project.celery import app as project_app
from fusion_project.events.doorbell import WORKER_ANSWERS, Doorbell


@pytest.fixture(params=["elsewhere", "in a worker"])
def sent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What lies in the queue after a ring; a worker knows the task that it rings for."""
    app = Celery("probe", broker="memory://")
    if request.param == "in a worker":
        app.conf.task_time_limit = 60

        def answer() -> None:
            pass

        app.task(name=WORKER_ANSWERS, shared=False)(answer)
        app.finalize()
    with app.connection() as connection:
        channel = connection.channel()
        channel.queue_declare("default")

        def send(name: str, **options: Any) -> None:
            app.send_task(name, connection=connection, **options)

        monkeypatch.setattr(
            "fusion_project.events.doorbell.app", type("A", (), {"send_task": send})
        )
        Doorbell()._send(WORKER_ANSWERS)
        message: dict[str, Any] = channel._get("default")
    return message


def test_what_we_ring_is_a_doorbell(sent: dict[str, Any]) -> None:
    assert sent["headers"]["task"] == WORKER_ANSWERS
    assert is_doorbell(sent)
    assert is_doorbell(json.loads(json.dumps(sent)))


def test_a_doorbell_with_any_part_missing_or_of_another_kind_is_none(sent: dict[str, Any]) -> None:
    for path in [(key,) for key in sent] + [
        (part, key) for part in ("headers", "properties") for key in sent[part]
    ]:
        if path[0] == "properties" and path[-1] not in (
            "body_encoding",
            "delivery_tag",
            "delivery_info",
            "correlation_id",
        ):
            continue
        for value in (None, [], {}, 7, [[["deep"]]], "x", -1):
            changed = copy.deepcopy(sent)
            *way, last = path
            place = changed
            for step in way:
                place = place[step]
            if place[last] == value or (isinstance(place[last], str) and value == "x"):
                continue
            if path == ("headers", "expires") and value is None:
                continue
            place[last] = value
            is_text = isinstance(value, str)
            assert not is_doorbell(changed) or is_text, (path, value)
            del place[last]
            assert not is_doorbell(changed), path


@pytest.mark.parametrize(
    "message", [None, 7, "text", [], [1, 2], {}, {"headers": []}, {"body": {"a": 1}}]
)
def test_what_is_no_message_is_no_doorbell(message: Any) -> None:
    assert not is_doorbell(message)


@pytest.mark.parametrize(
    ("ours", "celerys"),
    [
        ("", "memory://"),
        ("redis://:pw@h:1/2", "redis://:pw@h:1/2"),
        ("unix:///run/redis.sock", "doorbells+socket:///run/redis.sock?virtual_host=0"),
        (
            "unix://:pw@/run/redis.sock?db=3",
            "doorbells+socket://:pw@/run/redis.sock?virtual_host=3",
        ),
    ],
)
def test_an_address_of_redis_in_celerys_words(ours: str, celerys: str) -> None:
    assert celery_url(ours) == celerys


@pytest.mark.parametrize("url", ["redis://:pw@h:1/2", "unix:///run/redis.sock?db=3"])
def test_workers_come_by_our_transport_whatever_the_address(url: str) -> None:
    connection = Connection(celery_url(url), transport=broker.TRANSPORT)
    assert connection.transport_cls is not kombu_redis.Transport
    assert isinstance(connection.transport, broker.Transport)


def test_a_worker_keeps_its_connection_to_the_database_between_doorbells() -> None:
    """A new one for each would cost every exit more than its staging."""
    assert DjangoWorkerFixup(project_app).db_reuse_max
