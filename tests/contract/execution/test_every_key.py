"""Every call with every kind of key: what is answered, and that a refusal stores and tells nothing.

What each call needs is written here once more, beside the published document that says it.
"""

from datetime import timedelta

import pytest

from execution import openapi
from execution.models import BrokerAccount, Order, Report
from execution.services.keys import SCOPES, key_issue, key_revoke
from fusion_project.incidents.models import Incident
from signals.models import Bar
from tests.builders.execution import desk_make
from tests.contract.execution.calls import heartbeat_body, hello_body, post
from tests.contract.execution.test_bars import BAR

pytestmark = pytest.mark.django_db
NEEDS = {
    "hello": "",
    "poll": "orders:lease",
    "reports": "reports:write",
    "heartbeat": "telemetry:write",
    "bars": "telemetry:write",
    "wait": "orders:lease",
}
# Without a front that could hold its answer, waiting is refused once the key is good.
GOOD = {call: 503 if call == "wait" else 200 for call in NEEDS}


def body_for(call, desk):
    report = {"report_id": "r1", "seq": 1, "kind": "notice", "code": "word", "message": "x"}
    bodies = {
        "hello": hello_body(desk),
        "poll": {"instance": "ea-1"},
        "reports": {"instance": "ea-1", "reports": [report]},
        "heartbeat": heartbeat_body(),
        "bars": {
            "instance": "ea-1",
            "symbol": "EURUSD",
            "timeframe_seconds": 900,
            "broker_offset_seconds": 7200,
            "bars": [BAR],
        },
        "wait": {"seconds": 1},
    }
    return bodies[call]


def issued(desk, **fields):
    wanted = {"account_id": desk.account.id, "label": "", "actor": "user:1", **fields}
    return key_issue(**wanted)


def revoked(desk):
    key_revoke(key_id=desk.caller.key_id, actor="user:1")
    return desk.key_text


def rotated(desk, overlap):
    issued(desk, replaces_id=desk.caller.key_id, overlap=overlap)
    return desk.key_text


# Keys that open nothing: their text, the status, the code.
SHUT = {
    "none": (lambda desk: " ", "key_missing"),
    "a word": (lambda desk: "secret", "key_missing"),
    "too long": (lambda desk: "a." + "b" * 300, "key_missing"),
    "another secret": (lambda desk: f"{desk.caller.prefix}.wrong", "key_refused"),
    "another prefix": (lambda desk: f"nobody.{desk.key_text.partition('.')[2]}", "key_refused"),
    "revoked": (revoked, "key_refused"),
    "rotated, its overlap over": (lambda desk: rotated(desk, timedelta(0)), "key_refused"),
    "signed, without a signature": (
        lambda desk: issued(desk, is_signed=True).text,
        "signature_missing",
    ),
}


def nothing_happened(desk):
    desk.account.refresh_from_db()
    assert (desk.account.instance, desk.account.heartbeat_at) == ("", None)
    assert Order.objects.get().state == "staged"
    assert (Report.objects.count(), Bar.objects.count(), Incident.objects.count()) == (0, 0, 0)


@pytest.fixture
def desk():
    made = desk_make()
    made.stage()
    return made


@pytest.mark.parametrize("call", NEEDS)
@pytest.mark.parametrize("which", SHUT)
def test_a_key_that_opens_nothing_opens_no_call(desk, call, which):
    text, code = SHUT[which]
    answer = post(desk, call, body_for(call, desk), key=text(desk))
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert desk.account.login not in answer.content.decode()
    nothing_happened(desk)


@pytest.mark.parametrize("call", NEEDS)
def test_a_key_that_has_expired_opens_no_call(desk, call, clock):
    key = issued(desk, valid_days=1)
    clock.advance(days=1, seconds=1)
    answer = post(desk, call, body_for(call, desk), key=key.text)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    nothing_happened(desk)


@pytest.mark.parametrize("call", NEEDS)
@pytest.mark.parametrize("scope", [*SCOPES, ""], ids=[*SCOPES, "all"])
def test_a_key_opens_the_calls_of_its_scopes_and_no_other(desk, call, scope):
    key = issued(desk, scopes=[scope] if scope else list(SCOPES))
    answer = post(desk, call, body_for(call, desk), key=key.text)
    if not scope or NEEDS[call] in ("", scope):
        assert answer.status_code == GOOD[call], answer.content
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    nothing_happened(desk)


@pytest.mark.parametrize("call", NEEDS)
def test_two_keys_of_a_rotation_open_all_until_the_overlap_ends(desk, call):
    key = issued(desk, replaces_id=desk.caller.key_id, overlap=timedelta(hours=1))
    for text in (desk.key_text, key.text):
        answer = post(desk, call, body_for(call, desk), key=text)
        assert answer.status_code == GOOD[call], answer.content


@pytest.mark.parametrize("call", NEEDS)
def test_a_key_of_another_account_reaches_nothing_of_this_one(desk, call):
    """It acts on its own account, and hears nothing of others."""
    other = desk_make()
    answer = post(desk, call, body_for(call, desk), key=other.key_text)
    if call == "hello":
        assert (answer.status_code, answer.json()["code"]) == (409, "account_mismatch")
    else:
        assert answer.status_code == GOOD[call], answer.content
    if call == "poll":
        assert answer.json()["orders"] == []
    assert desk.account.login not in answer.content.decode()
    before = BrokerAccount.objects.get(id=desk.account.id)
    assert (before.instance, before.heartbeat_at) == ("", None)
    assert not Report.objects.filter(account=desk.account).exists()
    assert not Bar.objects.filter(feed=f"executor:{desk.account.id}").exists()
    assert Order.objects.get().state == "staged"


def test_each_call_is_tried_here():
    assert {one.name: one.scope for one in openapi.CALLS} == NEEDS
