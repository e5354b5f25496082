"""Whatever is posted, the answer is below 500."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from fusion_project.events.clock import now
from signals.intake.reasons import UNREADABLE
from signals.models import Alert, Delivery, UnknownCallerSample
from tests.builders.signals import BuiltStrategy
from tests.factories.signals import EntryFactory, body_of

SHARED = Path(os.environ.get("FUSION_SHARED", Path(__file__).parents[4] / "shared"))
SUITE = SHARED / "data" / "json_test_suite"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "empty_body"),
        (b"buy EURUSD now", 422, "unknown_text"),
        (b"\xff\xfe\x00", 400, "not_utf8"),
        (b"[" * 10_000, 400, "too_deep"),
        (b'{"a":' * 3_000, 400, "too_deep"),
        (b'{"schema":"df.signal","v":NaN}', 400, "not_a_number"),
        (b'{"schema":"df.signal","v":1e400}', 400, "number_range"),
        (b'{"schema":"df.signal","schema":"df.signal"}', 400, "duplicate_key"),
        (b'{"schema":"df.signal","v":"\\ud800"}', 400, "lone_surrogate"),
        (b'{"schema":"df.signal","v":"\\u0000"}', 400, "forbidden_character"),
        (b'{"schema":"df.signal","v":' + b"9" * 401 + b"}", 400, "number_range"),
        (b"[" * 20_000, 413, "too_large"),
        (b'{"schema":"df.signal","v":2}', 422, "wrong_schema"),
        (b'{"schema":"df.signal","v":1,"event":"entry"}', 422, "missing_field"),
        (b"null", 422, "unknown_dialect"),
    ],
)
def test_a_bad_body_gets_a_4xx_with_a_reason_and_is_kept(
    post: Any, body: bytes, status: int, reason: str
) -> None:
    response = post(body)
    assert (response.status_code, response.json()["reason"]) == (status, reason)
    assert response.json()["message"]
    assert Delivery.objects.get().rule == reason


@pytest.mark.skipif(not SUITE.is_dir(), reason="json_test_suite is not beside the repository")
def test_no_file_of_the_public_json_test_suite_gets_a_5xx(post: Any) -> None:
    files = sorted(SUITE.glob("*.json"))
    for file in files:
        response = post(file.read_bytes())
        assert response.status_code in (400, 413, 422), file.name
        assert response.json()["reason"] in UNREADABLE, file.name
    assert Delivery.objects.count() == len(files) == 318


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=400))
def test_no_bytes_get_a_5xx(post: Any, body: bytes) -> None:
    assert 400 <= post(body).status_code < 500


_values = st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.text(max_size=300)
_changes = st.dictionaries(
    st.sampled_from([*sorted(EntryFactory()), "amend", "tags", "odd"]),
    _values | st.lists(_values, max_size=3) | st.dictionaries(st.text(max_size=3), _values),
    min_size=1,
    max_size=3,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=_changes)
def test_no_entry_with_odd_members_gets_a_5xx(post: Any, changes: dict[str, Any]) -> None:
    assert post({**EntryFactory(at=now()), **changes}).status_code < 500


def test_the_rest_framework_client_meets_the_same_answers(built: BuiltStrategy) -> None:
    client = APIClient()
    message = EntryFactory(at=now())
    assert client.post(built.path, message, format="json").status_code == 202
    assert client.post(built.path, b"{", content_type="application/json").status_code == 400
    assert client.post(built.path, {"a": "b"}, format="multipart").status_code == 422
    assert client.get(built.path).status_code == 405
    assert Alert.objects.count() == 1


def test_a_wrong_content_length_is_no_5xx(built: BuiltStrategy, client: Any) -> None:
    for length in ("", "-1", "abc", "0"):
        response = client.generic(
            "POST", built.path, body_of(EntryFactory(at=now())), CONTENT_LENGTH=length
        )
        assert response.status_code < 500, length


@pytest.mark.parametrize("path", ["", "/hooks/tradingview/ema-cross"])
@pytest.mark.parametrize("tail", [b"x" * 17_000, b"x" * 3_000, b"Gewinn \xe4"])
def test_a_licence_in_a_comma_text_that_cannot_be_read_is_not_kept(
    post: Any, path: str, tail: bytes
) -> None:
    licence = b"60123456789"
    post(b" %b,buy,EURUSD,vol_lots=1,comment=%b" % (licence, tail), path=path)
    bodies = [*Delivery.objects.values_list("body", flat=True)]
    bodies += UnknownCallerSample.objects.values_list("body_start", flat=True)
    assert [bytes(one)[:22] for one in bodies] == [b" [blanked],buy,EURUSD,"]
