"""A real worker over a real Redis takes no harm from whatever lies in its queue."""

import base64
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.db import connections

from execution.models import Order
from fusion_project.events import life
from fusion_project.events.doorbell import WORKER_ANSWERS
from fusion_project.events.models import LifeSign
from fusion_project.local.run.processes import Child
from fusion_project.local.run.stack import ROOT, worker_command
from fusion_project.local.servers.redis import EmbeddedRedis
from tests.builders.execution import desk_make
from tests.builders.signals import entry_received, strategy_built
from tests.database import owner_writes
from tests.integration.local.waiting import wait_until

QUEUE = "default"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis") as one:
        yield one


@pytest.fixture
def worker(committed_db: None, server: EmbeddedRedis, tmp_path: Path) -> Iterator[Child]:
    settings = connections["default"].settings_dict
    where = f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    env = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{where}",
        "REDIS_URL": server.url,
        "LOG_LEVEL": "INFO",
    }
    child = Child(worker_command(), log_path=tmp_path / "worker.log", env=env, cwd=ROOT)
    child.start()
    yield child
    child.stop()


def doorbell(**headers: Any) -> dict[str, Any]:
    """A ring as we send it, changed in its headers."""
    own = uuid4().hex
    task = {"lang": "py", "task": WORKER_ANSWERS, "id": own, "root_id": own, "origin": "o"}
    nothing = ("shadow", "eta", "expires", "group", "group_index", "parent_id", "stamped_headers")
    body = [[], {}, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))]
    return {
        "body": base64.b64encode(json.dumps(body).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            **task,
            **dict.fromkeys(nothing),
            "retries": 0,
            "timelimit": [None, None],
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "ignore_result": True,
            "replaced_task_nesting": 0,
            "stamps": {},
            **headers,
        },
        "properties": {
            "correlation_id": own,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": uuid4().hex,
        },
    }


class Exploit:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os._exit, (7,)  # type: ignore[return-value]


def garbage() -> list[bytes]:
    pickled = base64.b64encode(pickle.dumps(Exploit())).decode()
    odd: list[Any] = [
        None,
        [],
        {},
        7,
        {"headers": {}, "properties": {}, "body": ""},
        {**doorbell(), "properties": None},
        {**doorbell(), "headers": ["task"]},
        {**doorbell(), "body": "%%%"},
        {**doorbell(), "body": base64.b64encode(b"[[1, 2], {}, {}]").decode()},
        {**doorbell(), "content-type": "application/x-python-serialize", "body": pickled},
        {**doorbell(), "content-encoding": "klingon"},
        doorbell(task={"a": 1}),
        doorbell(task="nobody.knows_this"),
        doorbell(eta="tomorrow"),
        doorbell(expires="never"),
        doorbell(expires="2000-01-01T00:00:00+00:00"),
        doorbell(timelimit="long"),
        doorbell(retries="many"),
        doorbell(stamps=[1]),
    ]
    texts = [b"", b"garbage", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": NaN', b"x" * 1_000_000]
    return [*texts, *(json.dumps(one).encode() for one in odd)]


def answers(client: "redis.Redis") -> bool:
    """Whether a ring is answered within a while."""
    with owner_writes():
        LifeSign.objects.filter(name=life.WORKER).delete()
    client.lpush(QUEUE, json.dumps(doorbell()))
    return wait_until(lambda: LifeSign.objects.filter(name=life.WORKER).exists(), 30)


def test_the_worker_drops_it_and_works_on(worker: Child, server: EmbeddedRedis) -> None:
    client = redis.Redis.from_url(server.url)
    assert answers(client)
    master = worker.pid
    # More of each than a worker takes up at once: none may keep a place.
    for text in garbage() * 3:
        client.lpush(QUEUE, text)
    assert answers(client), worker.log_path.read_text()[-3_000:]
    assert worker.pid == master
    assert client.llen(QUEUE) == 0
    assert "dropped from the queue" in worker.log_path.read_text()


def test_what_a_worker_rings_is_heard(worker: Child, server: EmbeddedRedis) -> None:
    """Nobody else is there to stage what it has decided."""
    built = strategy_built()
    desk_make(built.strategy)
    entry_received(built)
    client = redis.Redis.from_url(server.url)
    client.lpush("signals", json.dumps(doorbell(task="signals.fuse_alert")))
    assert wait_until(Order.objects.exists, 30), worker.log_path.read_text()[-3_000:]
    assert Order.objects.get().state == "staged"
    assert "dropped from the queue" not in worker.log_path.read_text()


def test_nobody_without_the_password_reaches_the_queue(server: EmbeddedRedis) -> None:
    stranger = redis.Redis(port=server.port or 0)
    with pytest.raises(redis.AuthenticationError):
        stranger.lpush(QUEUE, "garbage")
    assert "requirepass" not in Path(f"/proc/{server.pid}/cmdline").read_text()
