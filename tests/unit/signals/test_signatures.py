"""Standard Webhooks: the cases of its reference library's tests, and headers of any kind.

https://github.com/standard-webhooks/standard-webhooks, libraries/python/tests (MIT).
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.intake.signatures import (
    TOLERANCE_SECONDS,
    headers_read,
    is_in_time,
    key_read,
    key_text,
    signature_holds,
    signature_of,
    signing_key,
)

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
AT = 1614265330
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


def holds(signature: str = GOOD, *, body: bytes = BODY, message_id: str = ID, at: int = AT) -> bool:
    headers = headers_read(message_id, str(at), signature)
    return headers is not None and signature_holds(headers, key_read(SECRET), body)


def test_the_published_vector_is_made() -> None:
    assert signature_of(key_read(f"whsec_{SECRET}"), ID, AT, BODY).decode() == GOOD[3:]


def test_the_published_vector_holds() -> None:
    assert holds()


@pytest.mark.parametrize(
    ("message_id", "timestamp", "signature"),
    [
        ("", str(AT), GOOD),
        (ID, "", GOOD),
        (ID, str(AT), ""),
        (ID, "hello", GOOD),
        (ID, "161426533.0", GOOD),
        (ID, "-5", GOOD),
        (ID, "１６１４２６５３３０", GOOD),
        (ID, "9" * 30, GOOD),
        ("x" * 161, str(AT), GOOD),
        ("two words", str(AT), GOOD),
        (ID, str(AT), "v1"),
        (ID, str(AT), "v1a,abc"),
        (ID, str(AT), "v1,é"),
    ],
)
def test_missing_and_malformed_headers_are_none(
    message_id: str, timestamp: str, signature: str
) -> None:
    assert headers_read(message_id, timestamp, signature) is None


def test_a_wrong_signature_body_id_or_time_does_not_hold() -> None:
    assert not holds("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=")
    assert not holds(body=BODY + b" ")
    assert not holds(message_id="msg_other")
    assert not holds(at=AT + 1)
    assert not holds(GOOD.replace("v1", "v2"))
    assert not holds("v1,")


def test_one_good_signature_among_several_is_enough() -> None:
    assert holds(" ".join([OTHER, OTHER.replace("v1", "v2"), GOOD, OTHER]))
    assert not holds(" ".join([OTHER] * 20 + [GOOD]))


def test_five_minutes_either_way_are_in_time() -> None:
    headers = headers_read(ID, str(AT), GOOD)
    assert headers is not None
    assert is_in_time(headers, AT + TOLERANCE_SECONDS)
    assert is_in_time(headers, AT - TOLERANCE_SECONDS)
    assert not is_in_time(headers, AT + TOLERANCE_SECONDS + 1)
    assert not is_in_time(headers, AT - TOLERANCE_SECONDS - 1)


@given(st.text(), st.text(), st.text())
def test_no_headers_raise(message_id: str, timestamp: str, signature: str) -> None:
    headers = headers_read(message_id, timestamp, signature)
    assert headers is None or not signature_holds(headers, b"key", b"body")


def test_a_signing_key_belongs_to_one_server_and_one_secret() -> None:
    key = signing_key("server", "0" * 64)
    assert key not in (signing_key("other", "0" * 64), signing_key("server", "1" * 64))
    assert len(key) == 32
    assert key_read(key_text(key)) == key
    assert base64.b64decode(key_text(key).removeprefix("whsec_")) == key
