"""Which grade an alert gets at the webhook, and what nobody can forge there."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as live_settings
from standardwebhooks import Webhook

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.models import Alert, Delivery, UnknownCallerSample
from signals.services.strategies import strategy_secret_issue, strategy_secret_revoke
from tests.builders.signals import BuiltStrategy
from tests.factories.signals import EntryFactory, ExitFactory, body_of

LISTED = "52.89.214.238"
SUBJECT = r"CN=TradingView Webhooks,O=TradingView\, Inc.,C=US"


@pytest.fixture
def proxied(settings: Any) -> None:
    """One proxy of our own that verifies client certificates."""
    settings.TRUSTED_PROXY_COUNT = 1
    settings.TRUSTED_PROXY_ADDRESSES = ["10.0.0.0/8"]
    settings.CLIENT_CERTIFICATE_SUBJECT_HEADER = "X-SSL-Subject"
    settings.CLIENT_CERTIFICATE_VERIFIED_HEADER = "X-SSL-Verified"


def stored() -> tuple[str, str]:
    alert, delivery = Alert.objects.latest("id"), Delivery.objects.latest("id")
    assert (alert.grade, alert.provenance) == (delivery.grade, delivery.provenance)
    return alert.grade, alert.provenance


def test_the_grade_is_stored_and_told_in_the_event(post: Any) -> None:
    assert post(EntryFactory(at=now()), REMOTE_ADDR=LISTED).status_code == 202
    assert stored() == ("B", "secret peer fresh")
    detail = json.loads(Event.objects.get(name="alert.received").detail)
    assert (detail["grade"], detail["provenance"]) == ("B", "secret peer fresh")
    assert detail["entry_refused"] == ""


def test_a_secret_from_elsewhere_is_grade_c(post: Any) -> None:
    post(EntryFactory(at=now()), REMOTE_ADDR="203.0.113.7")
    assert stored() == ("C", "secret fresh")


def test_an_alert_that_is_late_or_ahead_is_not_fresh(post: Any) -> None:
    for shift in (-121_000, 31_000):
        message = ExitFactory(at=now())
        message["sent_at"] += shift
        post(message, REMOTE_ADDR=LISTED)
        assert stored() == ("C", "secret peer")


def test_an_alert_without_a_time_is_not_fresh(post: Any) -> None:
    assert post(b'{"symbol":"EURUSD","action":"buy"}').status_code == 202
    assert stored() == ("D", "secret")
    assert Delivery.objects.latest("id").sent_at is None


def test_unreadable_and_refused_deliveries_have_a_grade_too(post: Any) -> None:
    post(b"{", REMOTE_ADDR=LISTED)
    assert Delivery.objects.latest("id").grade == "C"
    message = EntryFactory(at=now())
    message["sent_at"] += 60_000
    assert post(message).json()["reason"] == "from_future"
    assert Delivery.objects.latest("id").grade == "D"


@pytest.mark.usefixtures("proxied")
def test_a_certificate_that_the_proxy_verified_makes_grade_a(post: Any) -> None:
    post(
        EntryFactory(at=now()),
        REMOTE_ADDR="10.0.0.9",
        HTTP_X_FORWARDED_FOR=LISTED,
        HTTP_X_SSL_SUBJECT=SUBJECT,
        HTTP_X_SSL_VERIFIED="SUCCESS",
    )
    assert stored() == ("A", "secret peer certificate fresh")


@pytest.mark.parametrize(
    ("remote", "count", "verified"),
    [("203.0.113.7", 1, "SUCCESS"), ("10.0.0.9", 0, "SUCCESS"), ("10.0.0.9", 1, "NONE")],
)
@pytest.mark.usefixtures("proxied")
def test_a_forged_certificate_header_is_not_believed(
    post: Any, settings: Any, remote: str, count: int, verified: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    post(
        EntryFactory(at=now()),
        REMOTE_ADDR=remote,
        HTTP_X_SSL_SUBJECT=SUBJECT,
        HTTP_X_SSL_VERIFIED=verified,
    )
    assert stored() == ("C", "secret fresh")


def test_a_certificate_header_that_no_setting_names_is_not_read(post: Any, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    post(EntryFactory(at=now()), HTTP_X_SSL_SUBJECT=SUBJECT, HTTP_X_SSL_VERIFIED="SUCCESS")
    assert "certificate" not in stored()[1]


@pytest.mark.usefixtures("proxied")
def test_a_thousand_forged_forwarding_headers_raise_no_grade(post: Any) -> None:
    chance = random.Random(7)
    for number in range(1000):
        forged = ", ".join(chance.choice([LISTED, "127.0.0.1", "x"]) for _ in range(number % 9))
        trusted, remote = (
            (f"{forged}, 203.0.113.7", "10.0.0.9") if number % 2 else (forged, "203.0.113.7")
        )
        answer = post(b"{", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=trusted)
        assert answer.status_code == 400
    assert set(Delivery.objects.values_list("peer", "grade")) == {("203.0.113.7", "D")}


def signed_headers(key: str, body: bytes, *, at: int, message_id: str = "msg_1") -> dict[str, str]:
    """What a sender's library makes of its key."""
    signature = Webhook(key).sign(message_id, datetime.fromtimestamp(at, UTC), body.decode())
    return {
        "HTTP_WEBHOOK_ID": message_id,
        "HTTP_WEBHOOK_TIMESTAMP": str(at),
        "HTTP_WEBHOOK_SIGNATURE": signature,
    }


BARE = "/hooks/tradingview/ema-cross"


@pytest.fixture
def key(built: BuiltStrategy) -> str:
    """The signing key that was shown with a secret."""
    return strategy_secret_issue(strategy_id=built.strategy.id, actor="user:1").signing_key


def test_a_header_signature_opens_the_door_without_a_secret(post: Any, key: str) -> None:
    body = b'{"symbol":"EURUSD","action":"buy"}'
    at = int(now().timestamp())
    headers = signed_headers(key, body, at=at)
    answer = post(body, path=BARE, **headers)
    assert answer.status_code == 202
    assert stored() == ("A", "signature fresh")
    assert Alert.objects.get().sender_id == "msg_1"
    # The id is the message's, so a resend of any later time is the same alert.
    again = signed_headers(key, body, at=at + 60)
    assert post(body, path=BARE, **again).json()["reason"] == "same_bytes"
    other = b'{"symbol":"EURUSD","action":"sell"}'
    changed = post(other, path=BARE, **signed_headers(key, other, at=at))
    assert changed.json()["reason"] == "id_conflict"


def test_an_equal_line_with_a_new_id_in_its_signature_is_a_new_alert_the_next_day(
    post: Any, key: str, clock: Any
) -> None:
    body = b'{"symbol":"EURUSD","action":"close"}'

    def answer(message_id: str) -> tuple[int, str]:
        at = int(now().timestamp())
        response = post(body, path=BARE, **signed_headers(key, body, at=at, message_id=message_id))
        return response.status_code, response.json()["reason"]

    assert answer("msg_1") == (202, "")
    clock.advance(seconds=29)
    assert answer("msg_1b") == (200, "same_bytes")
    clock.advance(days=1)
    assert answer("msg_1") == (200, "same_id")
    assert answer("msg_2") == (202, "")
    assert answer("msg_2") == (200, "same_bytes")


def test_what_the_signature_does_not_cover_is_refused(post: Any, key: str) -> None:
    body = body_of(EntryFactory(at=now()))
    at = int(now().timestamp())
    good = signed_headers(key, body, at=at)
    for wrong in (
        {**good, "HTTP_WEBHOOK_ID": "msg_2"},
        {**good, "HTTP_WEBHOOK_TIMESTAMP": str(at + 1)},
        {**good, "HTTP_WEBHOOK_SIGNATURE": "v1,AAAA"},
        {**good, "HTTP_WEBHOOK_SIGNATURE": "\xff\xfe"},
        {**good, "HTTP_WEBHOOK_TIMESTAMP": "x" * 5000},
        signed_headers(key, body, at=at - 301),
        signed_headers(key, body, at=at + 301),
        {},
    ):
        assert post(body, path=BARE, **wrong).status_code == 401
    assert post(body + b" ", path=BARE, **good).status_code == 401
    assert post(body, path="/hooks/tradingview/nobody", **good).status_code == 401
    assert post(body, path=f"{BARE}/wrong-secret", **good).status_code == 401
    assert not Alert.objects.exists()
    assert UnknownCallerSample.objects.count() == 11


def test_a_signature_ends_with_its_secret(post: Any, key: str, built: BuiltStrategy) -> None:
    newest = built.strategy.secrets.latest("id")
    body = body_of(EntryFactory(at=now()))
    headers = signed_headers(key, body, at=int(now().timestamp()))
    strategy_secret_revoke(strategy_id=built.strategy.id, secret_id=newest.id, actor="user:1")
    assert post(body, path=BARE, **headers).status_code == 401


def test_a_bad_signature_beside_a_good_secret_does_not_hold_and_does_no_harm(post: Any) -> None:
    headers = {
        "HTTP_WEBHOOK_ID": "a",
        "HTTP_WEBHOOK_TIMESTAMP": "1",
        "HTTP_WEBHOOK_SIGNATURE": "v1,x",
    }
    assert post(EntryFactory(at=now()), **headers).status_code == 202
    assert stored() == ("C", "secret fresh")


def test_a_signing_key_is_stored_nowhere(key: str) -> None:
    event = Event.objects.filter(name="key.issued").latest("id")
    assert key not in event.detail
    assert live_settings.SECRET_KEY not in key
