"""The webhook's answers, and what it keeps of each request."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client

from fusion_project.events import doorbell
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.events.registry import handlers_of
from signals.models import Alert, Delivery, UnknownCallerMinute, UnknownCallerSample
from signals.services.strategies import strategy_secret_issue, strategy_secret_revoke
from tests.builders.signals import BuiltStrategy, strategy_built
from tests.factories.signals import EntryFactory, ExitFactory, TestSignalFactory, body_of


def test_a_new_alert_is_answered_202_with_its_receipt(post: Any) -> None:
    response = post(EntryFactory(at=now()))
    answer = response.json()
    alert, delivery = Alert.objects.get(), Delivery.objects.get()
    assert response.status_code == 202
    assert response["Content-Type"] == "application/json"
    assert answer == {
        "receipt": delivery.id,
        "alert_id": alert.id,
        "trace_id": alert.trace_id,
        "verdict": "accepted",
        "reason": "",
        "message": "Accepted.",
        "order_rule": "",
        "life_line": f"/ops/trace/{alert.trace_id}/",
    }
    assert (delivery.verdict, delivery.alert_id) == ("accepted", alert.id)


def test_a_test_message_is_accepted_and_decides_nothing(post: Any, run_handlers: Any) -> None:
    assert post(TestSignalFactory(at=now())).status_code == 202
    run_handlers.only("signals.fuse_alert")
    assert Alert.objects.get().kind == "test"
    assert not Alert.objects.get().decisions.exists()


def test_headers_do_not_matter(post: Any) -> None:
    for accept, content_type in (
        ("text/html", "text/plain; charset=utf-8"),
        ("application/xml;q=0.9", "application/x-www-form-urlencoded"),
        ("nonsense", "nonsense"),
        ("*/*", ""),
        ("application/json; version=99", "multipart/form-data; boundary=x"),
        ("x" * 8000, "application/json; " + "y" * 8000),
    ):
        response = post(EntryFactory(at=now()), HTTP_ACCEPT=accept, content_type=content_type)
        assert response.status_code == 202, (accept, content_type)
        assert response["Content-Type"] == "application/json"


def test_a_format_parameter_changes_nothing(post: Any, built: BuiltStrategy) -> None:
    assert post(EntryFactory(at=now()), path=f"{built.path}?format=xml").status_code == 202


def test_thousands_of_headers_are_no_trouble(post: Any) -> None:
    extra = {f"HTTP_X_{number}": "v" * 50 for number in range(2000)}
    assert post(EntryFactory(at=now()), **extra).status_code == 202


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_only_post_is_answered(built: BuiltStrategy, method: str) -> None:
    response = getattr(Client(), method)(built.path)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    if method != "head":
        assert response.json()["message"] == "Send the alert with POST."


def wrong_paths(built: BuiltStrategy) -> list[str]:
    other = strategy_built("other")
    slug, secret = built.strategy.slug, built.secret
    return [
        f"/hooks/tradingview/{slug}/wrong",
        f"/hooks/tradingview/{slug}/{secret[:-1]}",
        f"/hooks/tradingview/{slug}/{secret}/",
        f"/hooks/tradingview/{slug}/{other.secret}",
        f"/hooks/tradingview/{slug}/%00",
        f"/hooks/tradingview/{slug}/%ff%fe",
        f"/hooks/tradingview/{slug}/{'x' * 100_000}",
        f"/hooks/tradingview/{slug}/",
        f"/hooks/tradingview/{slug}",
        f"/hooks/tradingview/nobody/{secret}",
        "/hooks/tradingview/%00/x",
        f"/hooks/tradingview/{slug.upper()}/{secret}",
    ]


def test_every_wrong_secret_or_strategy_gets_the_same_401(built: BuiltStrategy, post: Any) -> None:
    bodies = set()
    paths = wrong_paths(built)
    for path in paths:
        response = post(EntryFactory(at=now()), path=path)
        assert response.status_code == 401, path[:80]
        bodies.add((response.content, tuple(sorted(response.headers.items()))))
    assert len(bodies) == 1
    assert not Delivery.objects.exists()
    assert UnknownCallerMinute.objects.get().seen == len(paths)


def test_requests_without_a_valid_secret_are_sampled_up_to_a_hundred_a_minute(
    built: BuiltStrategy, post: Any, clock: Any
) -> None:
    for number in range(105):
        peer = f"203.0.113.{9 + number // 50}"
        post(b"x" * 3000, path="/hooks/tradingview/nobody/x", REMOTE_ADDR=peer)
    assert UnknownCallerSample.objects.count() == 100
    sample = UnknownCallerSample.objects.first()
    assert sample is not None
    assert (len(bytes(sample.body_start)), sample.size_bytes) == (1024, 3000)
    assert sample.peer == "203.0.113.10"
    clock.advance(seconds=60)
    post(b"x", path="/hooks/tradingview/nobody/x")
    assert UnknownCallerSample.objects.count() == 101


def test_a_sample_of_an_unknown_caller_keeps_no_credential(built: BuiltStrategy, post: Any) -> None:
    message = EntryFactory(at=now(), key="tell-nobody", tags=[built.secret])
    assert post(message, path=f"/hooks/tradingview/emacross/{built.secret}").status_code == 401
    sample = bytes(UnknownCallerSample.objects.get().body_start)
    assert b"tell-nobody" not in sample
    assert built.secret.encode() not in sample
    assert b"EURUSD" in sample


def test_the_stored_body_has_its_key_and_secret_blanked_and_the_original_hash(
    built: BuiltStrategy, post: Any
) -> None:
    message = EntryFactory(at=now(), key="tell-nobody", tags=[built.secret])
    assert post(message).status_code == 202
    delivery = Delivery.objects.get()
    stored = bytes(delivery.body)
    assert b"tell-nobody" not in stored
    assert built.secret.encode() not in stored
    assert b'"key":"[blanked]"' in stored
    assert delivery.body_sha256 == hashlib.sha256(body_of(message)).hexdigest()
    assert "tell-nobody" not in Alert.objects.get().intent


def test_an_unreadable_delivery_is_kept_with_its_reason_and_its_key_blanked(post: Any) -> None:
    response = post(b'{"schema":"df.signal","key":"tell-nobody"')
    assert response.status_code == 400
    assert response.json()["reason"] == "not_json"
    delivery = Delivery.objects.get()
    assert (delivery.verdict, delivery.rule, delivery.alert_id) == ("unreadable", "not_json", None)
    assert b"tell-nobody" not in bytes(delivery.body)
    event = Event.objects.get(name="alert.refused")
    assert (event.subject, event.detail) == (
        f"signals.delivery:{delivery.id}",
        '{"lowers_risk":null,"rule":"not_json"}',
    )
    assert event.trace_id == response.json()["trace_id"]


def test_a_message_of_no_known_dialect_is_a_422_that_says_what_to_do(post: Any) -> None:
    response = post(b'{"hello":"world"}')
    assert (response.status_code, response.json()["reason"]) == (422, "unknown_dialect")
    assert "df.signal" in response.json()["message"]


def test_a_body_over_the_limit_is_413_and_leaves_a_kilobyte(post: Any) -> None:
    response = post(b"{" + b" " * 16_384)
    assert (response.status_code, response.json()["reason"]) == (413, "too_large")
    assert len(bytes(Delivery.objects.get().body)) == 1024


def test_a_body_of_exactly_the_limit_is_read(post: Any) -> None:
    body = body_of(EntryFactory(at=now()))
    assert post(body + b" " * (16_384 - len(body))).status_code == 202


def test_the_peer_is_the_socket_and_not_what_the_caller_claims(post: Any) -> None:
    post(TestSignalFactory(at=now()), HTTP_X_FORWARDED_FOR="52.89.214.238", REMOTE_ADDR="::1")
    assert Delivery.objects.get().peer == "::1"


def test_behind_one_proxy_the_peer_is_what_the_proxy_wrote(post: Any, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    post(TestSignalFactory(at=now()), HTTP_X_FORWARDED_FOR="52.89.214.238, 203.0.113.7")
    assert Delivery.objects.get().peer == "203.0.113.7"


def test_two_secrets_live_side_by_side_until_the_old_one_is_revoked(
    built: BuiltStrategy, post: Any, clock: Any
) -> None:
    first = built.strategy.secrets.get()
    new = strategy_secret_issue(strategy_id=built.strategy.id, actor="system")
    strategy_secret_revoke(
        strategy_id=built.strategy.id, secret_id=first.id, actor="system", after_seconds=60
    )
    assert post(EntryFactory(at=now())).status_code == 202
    assert post(EntryFactory(at=now()), path=new.path).status_code == 202
    assert Delivery.objects.filter(secret_id=first.id).count() == 1
    clock.advance(seconds=61)
    assert post(EntryFactory(at=now())).status_code == 401
    assert post(EntryFactory(at=now()), path=new.path).status_code == 202


def test_a_revoked_secret_stops_at_once_though_the_strategy_is_cached(
    built: BuiltStrategy, post: Any
) -> None:
    assert post(EntryFactory(at=now())).status_code == 202
    secret = built.strategy.secrets.get()
    strategy_secret_revoke(strategy_id=built.strategy.id, secret_id=secret.id, actor="system")
    assert post(EntryFactory(at=now())).status_code == 401


def test_the_secret_reaches_no_log_line(built: BuiltStrategy, post: Any, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    post(EntryFactory(at=now()))
    post(b"{")
    post(b"x" * 20_000)
    post(EntryFactory(at=now()), path=f"/hooks/tradingview/nobody/{built.secret}")
    Client().get(built.path)
    for record in caplog.records:
        assert built.secret not in record.getMessage() + repr(record.__dict__), record


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """Names of the handlers whose doorbell rang, with Redis switched on."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    names: list[str] = []
    monkeypatch.setattr(doorbell.bell, "ring", lambda name, **_: names.append(name))
    return names


def test_an_accepted_entry_rings_fusion_after_its_commit(
    built: BuiltStrategy, post: Any, rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = EntryFactory(at=now())
        post(message)
        assert rung == []
    assert "signals.fuse_alert" in rung
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        post(message)
    assert rung == []


def test_an_exit_rings_those_who_wait_for_decisions(
    built: BuiltStrategy, post: Any, rung: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post(ExitFactory(at=now()))
    assert set(handlers_of("decision.approved")) <= set(rung)
