"""Connections that break in the middle of an alert, over a real socket."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from signals.models import Alert, Delivery
from tests.builders.signals import BuiltStrategy, strategy_built

# Whole, it has a stop; after the first half it would be an entry without one.
WHOLE = b"60123456789,buy,EURUSD,vol_lots=1,sl_pips=20"
HALF = WHOLE.partition(b",sl")[0]


def sent(live_url: str, path: str, headers: bytes, body: bytes) -> str:
    """Send bytes as they are, end the sending side, and return the answer."""
    address = urlsplit(live_url)
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" % path.encode()
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(head + headers + b"\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read().decode()


@pytest.fixture
def desk(live_url: str) -> BuiltStrategy:
    """A strategy behind a real server."""
    return strategy_built()


def test_half_an_order_is_refused_although_it_makes_sense(
    desk: BuiltStrategy, live_url: str
) -> None:
    length = b"Content-Length: %d\r\n" % len(WHOLE)
    answer = sent(live_url, desk.path, length, HALF)
    assert " 400 " in answer.splitlines()[0]
    assert '"reason":"incomplete_body"' in answer
    kept = Delivery.objects.get()
    assert (kept.verdict, kept.rule) == ("unreadable", "incomplete_body")
    assert bytes(kept.body) == b"[blanked],buy,EURUSD,vol_lots=1"
    assert not Alert.objects.exists()
    assert " 202 " in sent(live_url, desk.path, length, WHOLE).splitlines()[0]


def test_a_body_without_a_length_is_refused_with_what_to_change(
    desk: BuiltStrategy, live_url: str
) -> None:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(WHOLE), WHOLE)
    answer = sent(live_url, desk.path, b"Transfer-Encoding: chunked\r\n", chunks)
    assert " 400 " in answer.splitlines()[0]
    assert '"reason":"incomplete_body"' in answer
    assert "Content-Length" in answer


def test_a_body_that_is_over_the_limit_and_breaks_is_too_large(
    desk: BuiltStrategy, live_url: str
) -> None:
    answer = sent(live_url, desk.path, b"Content-Length: 40000\r\n", b"x" * 20_000)
    assert '"reason":"too_large"' in answer


def test_more_bytes_than_declared_are_not_read(desk: BuiltStrategy, live_url: str) -> None:
    answer = sent(live_url, desk.path, b"Content-Length: %d\r\n" % len(HALF), WHOLE)
    assert " 202 " in answer.splitlines()[0]
    assert bytes(Delivery.objects.get().body) == b"[blanked],buy,EURUSD,vol_lots=1"


def test_half_an_order_without_a_valid_secret_is_401_like_any_other(
    desk: BuiltStrategy, live_url: str, settings: Any
) -> None:
    answer = sent(live_url, "/hooks/tradingview/x/y", b"Content-Length: 99\r\n", HALF)
    assert " 401 " in answer.splitlines()[0]
