"""Keys that ask for signed calls, over HTTP, and the client that signs."""

import json
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from django.test import Client

from execution.client import ExecutorClient, Refused
from execution.models import KeyNonce
from execution.rules.signing import NONCE_HEADER, SIGNATURE_HEADER, TIME_HEADER, signature_of
from execution.services.keys import key_issue
from execution.services.signing import nonce_forget
from execution.wire import Poll
from fusion_project.events.clock import now
from tests.builders.execution import desk_make
from tests.contract.execution.calls import BASE, post

pytestmark = pytest.mark.django_db
DOCUMENT = (Path(__file__).resolve().parents[3] / "docs/executor.md").read_text()
BODY = b'{"instance":"ea-1"}'


@pytest.fixture
def desk():
    return desk_make()


@pytest.fixture
def issued(desk):
    return key_issue(account_id=desk.account.id, label="", actor="user:1", is_signed=True)


def time_msc(seconds=0.0):
    return str(int((now().timestamp() + seconds) * 1000))


def signed(issued, **changes):
    """Headers of a signed poll, of which `changes` are made after the signing."""
    told = {
        "method": "POST",
        "path": f"{BASE}poll",
        "time_msc": time_msc(),
        "nonce": "n1",
        "body": BODY,
        **changes.pop("signed", {}),
    }
    headers = {
        TIME_HEADER: told["time_msc"],
        NONCE_HEADER: told["nonce"],
        SIGNATURE_HEADER: signature_of(issued.signing_text, **told),
    }
    return {**headers, **changes}


def answer_to(desk, issued, headers, raw=BODY):
    answer = post(desk, "poll", None, raw=raw, key=issued.text, **headers)
    return answer.status_code, answer.json().get("code", "")


def test_the_example_of_the_documentation_is_what_the_server_computes():
    signature = signature_of(
        "0f" * 32,
        method="POST",
        path="/api/v1/executor/poll",
        time_msc="1772452800000",
        nonce="f3b1c8-1",
        body=b'{"instance":"ea-1"}',
    )
    assert signature in DOCUMENT
    assert {TIME_HEADER, NONCE_HEADER, SIGNATURE_HEADER} == {
        name for name in DOCUMENT.split("`") if name.startswith("X-Executor-")
    }


def test_a_signed_call_is_answered_and_counts_once(desk, issued):
    headers = signed(issued)
    assert answer_to(desk, issued, headers) == (200, "")
    assert answer_to(desk, issued, headers) == (401, "nonce_used")
    again = signed(issued, signed={"nonce": "n2"})
    assert answer_to(desk, issued, again) == (200, "")


@pytest.mark.parametrize("missing", [TIME_HEADER, NONCE_HEADER])
def test_a_call_that_is_not_signed_is_told_how(desk, issued, missing):
    headers = {name: text for name, text in signed(issued).items() if name != missing}
    assert answer_to(desk, issued, headers) == (401, "signature_missing")
    assert answer_to(desk, issued, {}) == (401, "signature_missing")


@pytest.mark.parametrize(
    "changes",
    [
        {"signed": {"body": b'{"instance":"ea-2"}'}},
        {"signed": {"path": f"{BASE}heartbeat"}},
        {"signed": {"method": "GET"}},
        {NONCE_HEADER: "n2"},
        {TIME_HEADER: "1772452800000"},
        {SIGNATURE_HEADER: ""},
        {SIGNATURE_HEADER: "0" * 64},
        {SIGNATURE_HEADER: "\u00e9"},
    ],
)
def test_a_signature_of_another_call_is_refused_and_uses_no_nonce(desk, issued, changes):
    assert answer_to(desk, issued, signed(issued, **changes)) == (401, "signature_refused")
    assert not KeyNonce.objects.exists()


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_call_of_another_time_is_refused_with_the_servers_time(desk, issued, seconds):
    headers = signed(issued, signed={"time_msc": time_msc(seconds)})
    answer = post(desk, "poll", None, raw=BODY, key=issued.text, **headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_late")
    assert f"{now():%Y-%m-%dT%H:}" in answer.json()["message"]


def test_the_signing_key_alone_opens_nothing(desk, issued):
    headers = {"Authorization": f"Token {issued.key.prefix}.{issued.signing_text}"}
    answer = Client().post(
        BASE + "poll", BODY, content_type="application/json", headers={**headers, **signed(issued)}
    )
    assert answer.json()["code"] == "key_refused"


def test_another_keys_signature_does_not_serve(desk, issued):
    other = key_issue(account_id=desk.account.id, label="", actor="user:1", is_signed=True)
    assert answer_to(desk, issued, signed(other)) == (401, "signature_refused")


def test_a_nonce_is_forgotten_once_its_call_is_too_old_anyhow(desk, issued):
    answer_to(desk, issued, signed(issued))
    assert nonce_forget(moment=now() + timedelta(seconds=179)) == 0
    assert nonce_forget(moment=now() + timedelta(seconds=181)) == 1


class Through(httpx2.BaseTransport):
    """Carries the client's requests to the views."""

    def handle_request(self, request):
        answer = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type="application/json",
            headers=dict(request.headers),
        )
        return httpx2.Response(answer.status_code, content=answer.content)


def test_the_typed_client_signs_each_try_anew(issued):
    client = ExecutorClient(
        "http://testserver",
        issued.text,
        signing_key=issued.signing_text,
        transport=Through(),
    )
    for _ in range(2):
        assert client.poll(Poll("ea-1")).orders == ()
    unsigned = ExecutorClient("http://testserver", issued.text, transport=Through())
    with pytest.raises(Refused, match="signature_missing"):
        unsigned.poll(Poll("ea-1"))


def test_a_copy_of_the_database_signs_nothing(desk, issued):
    stored = json.dumps([str(value) for value in vars(issued.key).values()])
    assert issued.signing_text not in stored
