"""`wait` over HTTP, without a front that could hold an answer, and with a stand-in for one."""

import pytest
from django.test import Client

from execution.models import BrokerAccount
from fusion_project.events.subjects import subject_of
from fusion_project.front.waiting import PATIENCE_MARK, Patience
from tests.builders.execution import desk_make
from tests.contract.execution.calls import BASE, hello_body
from tests.contract.execution.published import answer_checked

pytestmark = pytest.mark.django_db
SINCE = "2026-03-02T12:00:00.000Z"


@pytest.fixture
def desk():
    return desk_make()


def asked(desk, patience, method="post", path="wait", body=b"{}"):
    client = Client(**{PATIENCE_MARK: patience})
    answer = getattr(client, method)(
        BASE + path,
        **({"data": body, "content_type": "application/json"} if method == "post" else {}),
        headers={"Authorization": f"Token {desk.key_text}"},
    )
    return answer_checked(path.partition("?")[0], answer)


@pytest.mark.parametrize("patience", [None, Patience(is_offered=False)])
def test_where_nobody_hears_waiting_is_refused_and_not_offered(desk, patience):
    answer = asked(desk, patience)
    assert (answer.status_code, answer.json()["code"]) == (503, "wait_unavailable")
    client = Client(**{PATIENCE_MARK: patience})
    hello = client.post(
        BASE + "hello",
        hello_body(desk),
        content_type="application/json",
        headers={"Authorization": f"Token {desk.key_text}"},
    )
    assert hello.json()["wait_offered"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "seconds", "since"),
    [
        ("post", "wait", b"{}", 2, None),
        ("post", "wait", b'{"seconds":20,"since":"%s"}' % SINCE.encode(), 20, 1772452800.0),
        ("get", "wait", b"", 2, None),
        ("get", f"wait?seconds=1&since={SINCE}", b"", 1, 1772452800.0),
    ],
)
def test_the_answer_is_held_for_the_keys_own_account(desk, method, path, body, seconds, since):
    patience = Patience(is_offered=True)
    answer = asked(desk, patience, method, path, body)
    assert (answer.status_code, answer.json()) == (200, {"look": True})
    account = BrokerAccount.objects.get()
    assert patience.wait is not None
    assert patience.wait.key == subject_of(BrokerAccount, account.id)
    assert (patience.wait.seconds, patience.wait.since) == (seconds, since)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "wait", b""),
        ("post", "wait", b'{"seconds":0}'),
        ("post", "wait", b'{"seconds":21}'),
        ("post", "wait", b'{"since":"now"}'),
        ("post", "wait", b'{"account":"1"}'),
        ("get", "wait?seconds=0", b""),
        ("get", "wait?seconds=x", b""),
        ("get", "wait?seconds=99999999999999999999999", b""),
        ("get", "wait?account=1", b""),
    ],
)
def test_what_cannot_be_read_waits_for_nothing(desk, method, path, body):
    patience = Patience(is_offered=True)
    answer = asked(desk, patience, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_unreadable")
    assert patience.wait is None
