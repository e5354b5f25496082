"""`/healthz` says that the process lives; `/readyz` names each part and what is wrong with it."""

import pytest
from django.db import OperationalError

from fusion_project.events import life
from fusion_project.ops import health
from tests.builders.execution import desk_make


@pytest.fixture
def drain_seen(db) -> None:
    life.drain_note()


def test_healthz_asks_the_database_nothing(client, django_assert_num_queries, db) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}


def test_readyz_is_ready_when_every_part_is_fine(client, drain_seen) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ready"
    assert set(body["parts"]) == {
        "database",
        "migrations",
        "drain",
        "queue",
        "rights",
        "worker",
        "executor",
    }
    assert all(part["ok"] for part in body["parts"].values())


def test_a_drain_that_was_never_seen_makes_it_not_ready(client, db) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    part = answer.json()["parts"]["drain"]
    assert part["ok"] is False
    assert "manage.py drain" in part["note"]


def test_a_drain_that_fell_silent_makes_it_not_ready(client, drain_seen, clock) -> None:
    clock.advance(seconds=life.SILENCE_SECONDS_MAX + 2)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["drain"]["ok"] is False


def test_a_lost_queue_degrades_but_does_not_refuse(client, drain_seen, settings) -> None:
    # Nothing listens on port 1; alerts are accepted and decided without the queue.
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "degraded"
    assert body["parts"]["queue"]["ok"] is False


def test_a_database_that_is_away_is_named_and_gives_503(client, db, monkeypatch) -> None:
    def away() -> tuple[bool, str]:
        raise OperationalError("refused by host 10.0.0.1, password secret")

    monkeypatch.setattr(health, "_database", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["note"] == "does not answer (OperationalError)"
    assert b"secret" not in answer.content


def test_open_rights_degrade_but_do_not_refuse_and_are_not_told(
    client, committed_db, owner_connection
) -> None:
    owner_connection.execute("GRANT SELECT ON execution_executorkey TO PUBLIC")
    owner_connection.commit()
    life.drain_note()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"]["rights"] == {
        "ok": False,
        "required": False,
        "note": "1 faults; run ./manage.py check_database",
    }


def test_rights_are_not_looked_at_again_for_each_caller(
    client, committed_db, django_assert_max_num_queries
) -> None:
    client.get("/readyz")
    with django_assert_max_num_queries(4):
        client.get("/readyz")


def test_health_pages_take_no_other_method(client, db) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_a_silent_executor_degrades_and_is_not_named(client, drain_seen, clock) -> None:
    desk = desk_make()
    desk.poll()
    assert client.get("/readyz").json()["parts"]["executor"]["ok"] is True
    clock.advance(seconds=life.SILENCE_SECONDS_MAX + 2)
    life.drain_note()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    part = answer.json()["parts"]["executor"]
    assert part["ok"] is part["required"] is False
    assert part["note"].startswith("1 of 1 silent")
    assert desk.account.name.encode() not in answer.content


def test_a_silent_worker_degrades(client, drain_seen, settings, clock) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    life.worker_ask()
    assert client.get("/readyz").json()["parts"]["worker"]["ok"] is True
    clock.advance(seconds=life.SILENCE_SECONDS_MAX + 2)
    life.drain_note()
    part = client.get("/readyz").json()["parts"]["worker"]
    assert part["ok"] is part["required"] is False
    life.worker_note()
    assert client.get("/readyz").json()["parts"]["worker"]["ok"] is True
