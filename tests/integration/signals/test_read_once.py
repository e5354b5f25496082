"""Every request's body is parsed at most once, whatever becomes of the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fusion_project.events.clock import now
from signals.intake import parsing
from signals.models import Alert, Delivery, UnknownCallerSample
from tests.builders.signals import BuiltStrategy
from tests.factories.signals import EntryFactory

OPEN = "/hooks/tradingview/ema-cross"
WRONG = f"{OPEN}/wrong"


class Parses:
    """How often a body was read, and how often its text was parsed, since the last look."""

    def __init__(self) -> None:
        self.reads = 0
        self.parses = 0

    def taken(self) -> tuple[int, int]:
        seen = (self.reads, self.parses)
        self.reads = self.parses = 0
        return seen


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Parses:
    counted = Parses()
    read, parse = parsing.read_content, parsing.parse_json

    def read_content(raw: bytes, **limits: int) -> parsing.Content:
        counted.reads += 1
        return read(raw, **limits)

    def parse_json(text: str) -> Any:
        counted.parses += 1
        return parse(text)

    monkeypatch.setattr(parsing, "read_content", read_content)
    monkeypatch.setattr(parsing, "parse_json", parse_json)
    return counted


def generic(**members: str) -> bytes:
    return json.dumps({"symbol": "EURUSD", "action": "buy", **members}).encode()


def test_a_good_alert_is_parsed_once(post: Any, parses: Parses) -> None:
    assert post(EntryFactory(at=now())).status_code == 202
    assert parses.taken() == (1, 1)


@pytest.mark.parametrize("body", [b"{", b"hello", generic(symbol=""), b'{"a":1,"a":2}'])
def test_a_bad_alert_is_parsed_once(post: Any, parses: Parses, body: bytes) -> None:
    assert post(body).json()["verdict"] == "unreadable"
    assert parses.taken() == (1, 1)


def test_what_is_no_text_is_read_once_and_never_parsed(post: Any, parses: Parses) -> None:
    assert post(b"\xff").json()["reason"] == "not_utf8"
    assert parses.taken() == (1, 0)


def test_a_credential_in_the_body_costs_no_second_parse(
    built: BuiltStrategy, post: Any, parses: Parses
) -> None:
    assert post(generic(secret=built.secret), path=OPEN).status_code == 202
    assert parses.taken() == (1, 1)
    assert bytes(Delivery.objects.get().body) == generic(secret="[blanked]")


def test_a_bad_alert_with_its_credential_in_the_body_is_parsed_once(
    built: BuiltStrategy, post: Any, parses: Parses
) -> None:
    answer = post(generic(secret=built.secret, symbol=""), path=OPEN)
    assert answer.json()["verdict"] == "unreadable"
    assert parses.taken() == (1, 1)


@pytest.mark.parametrize("path", [WRONG, OPEN, "/hooks/tradingview/nobody"])
@pytest.mark.parametrize("body", [generic(secret="wrong-secret"), b"{", b"hello"])
def test_a_request_of_nobody_is_parsed_once_for_its_sample(
    post: Any, parses: Parses, path: str, body: bytes
) -> None:
    assert post(body, path=path).status_code == 401
    assert parses.taken() == (1, 1)
    assert bytes(UnknownCallerSample.objects.get().body_start).startswith(body[:1])


def test_a_blocked_peer_with_a_wrong_secret_in_its_address_is_not_parsed_at_all(
    post: Any, parses: Parses, settings: Any
) -> None:
    settings.UNKNOWN_CALLERS_PER_MINUTE = 1
    statuses = [post(generic(), path=WRONG).status_code for _ in range(2)]
    assert statuses == [401, 429]
    parses.taken()
    assert post(generic(), path=WRONG).status_code == 429
    assert parses.taken() == (0, 0)


def test_a_body_over_the_limit_is_parsed_only_for_the_sample_of_nobody(
    built: BuiltStrategy, post: Any, parses: Parses, settings: Any
) -> None:
    large = generic(note="x" * settings.WEBHOOK_BODY_BYTES_MAX)
    assert post(large).json()["reason"] == "too_large"
    assert parses.taken() == (0, 0)
    assert post(large, path=WRONG).status_code == 401
    assert parses.taken() == (1, 1)


def test_a_strategy_that_changes_meanwhile_costs_no_second_parse(
    built: BuiltStrategy, post: Any, parses: Parses, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signals.services import receiving

    accept = receiving.alert_accept
    outdated = iter([True])

    def accept_later(**given: Any) -> Any:
        receipt = accept(**given) if not next(outdated, False) else None
        return receipt or receiving.Receipt("outdated", "", None, None, None)

    monkeypatch.setattr(receiving, "alert_accept", accept_later)
    assert post(EntryFactory(at=now())).status_code == 202
    assert parses.taken() == (1, 1)
    assert Alert.objects.count() == 1
