"""Standard Webhooks: the cases of its reference library's tests, and headers of any kind.

https://github.com/standard-webhooks/standard-webhooks, libraries/python/tests (MIT).
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from signals.intake.signatures import (
    TOLERANCE_SECONDS,
    headers_read,
    is_in_time,
    key_text,
    signature_holds,
    signature_of,
    signing_key,
)

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET)
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
AT = 1614265330
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


def holds(signature: str = GOOD, *, body: bytes = BODY, message_id: str = ID, at: int = AT) -> bool:
    headers = headers_read(message_id, str(at), signature)
    return headers is not None and signature_holds(headers, KEY, body)


def test_the_published_vector_is_made() -> None:
    assert signature_of(KEY, ID, AT, BODY).decode() == GOOD[3:]


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
    assert base64.b64decode(key_text(key).removeprefix("whsec_")) == key


IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=160)
KEYS = st.binary(min_size=24, max_size=64)


@given(IDS, KEYS, st.text(), st.integers(0, 4_000_000_000))
def test_what_the_reference_library_signs_holds(
    message_id: str, key: bytes, body: str, at: int
) -> None:
    made = Webhook(key_text(key)).sign(message_id, datetime.fromtimestamp(at, UTC), body)
    assert made == f"v1,{signature_of(key, message_id, at, body.encode()).decode()}"
    headers = headers_read(message_id, str(at), made)
    assert headers is not None
    assert signature_holds(headers, key, body.encode())


@given(IDS, KEYS, st.text(), st.booleans())
def test_the_reference_library_judges_a_signature_as_we_do(
    message_id: str, key: bytes, body: str, is_changed: bool
) -> None:
    at = int(datetime.now(UTC).timestamp())
    made = f"{OTHER} v1,{signature_of(key, message_id, at, body.encode()).decode()}"
    given = {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": made}
    came = f"{body}!" if is_changed else body
    headers = headers_read(message_id, str(at), made)
    assert headers is not None
    assert signature_holds(headers, key, came.encode()) is not is_changed
    if is_changed:
        with pytest.raises(WebhookVerificationError):
            Webhook(key_text(key)).verify(came, given, json_parse=False)
    else:
        Webhook(key_text(key)).verify(came, given, json_parse=False)
