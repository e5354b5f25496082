"""The executor API's messages, byte for byte what an EA reads and writes."""

import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import ExecutorKey, Order, Position, Report
from execution.selectors.positions import position_quality_get
from execution.services.keys import key_issue, key_revoke
from execution.wire import BODY_BYTES_MAX, TELLING_BYTES_MAX
from execution.wire.fields import API_MINOR
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.contract.execution.calls import BASE, heartbeat_body, hello_body, post

pytestmark = pytest.mark.django_db
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.fixture
def desk():
    return desk_make()


def test_hello(desk):
    order = desk.stage()
    answer = post(desk, "hello", hello_body(desk))
    assert answer.status_code == 200
    body = answer.json()
    assert TIME.match(body.pop("server_time"))
    assert body == {
        "account": {
            "id": str(desk.account.id),
            "name": desk.account.name,
            "book": "paper",
            "state": "active",
            "margin_mode": "hedging",
        },
        "limits": {"order_lots_max": "10", "open_lots_max": "50"},
        "symbols": [{"instrument": "EURUSD", "broker_symbol": "EURUSD", "is_confirmed": True}],
        "orders": [{"order_id": str(order.id), "fence": 0, "state": "staged"}],
        "last_seq": 0,
        "poll_seconds": "0.5",
        "lease_seconds": 10,
        "permit_seconds": 3,
        "wait_offered": False,
        "api_minor": API_MINOR,
        "refused_symbols": [],
    }


def test_poll(desk):
    order = desk.stage(sl="1.09500")
    lost = desk.leased()
    desk.report("unknown", lost)
    answer = post(desk, "poll", {"instance": "ea-1"})
    body = answer.json()
    held = next(one for one in body["orders"] if one["order_id"] == str(order.id))
    assert TIME.match(held.pop("lease_until"))
    assert TIME.match(held.pop("valid_until"))
    assert TIME.match(body["server_time"])
    assert held == {
        "order_id": str(order.id),
        "fence": 1,
        "event": "entry",
        "broker_symbol": "EURUSD",
        "side": "buy",
        "order_type": "market",
        "volume_lots": "0.1",
        "limit_price": None,
        "stop_price": None,
        "sl": "1.095",
        "tp": None,
        "position_ticket": "0",
        "target_order_id": "0",
        "trace_id": order.trace_id,
        "needs_minor": 0,
        "tif": "",
        "good_until": None,
        "deviation_points": None,
        "spread_points_max": None,
        "sl_distance": None,
        "tp_distance": None,
    }
    assert body["permit"] == {
        "entries_allowed": True,
        "seconds": 3,
        "orders": [{"order_id": str(order.id), "fence": 1}],
    }
    assert body["desired"] == [
        {"order_id": str(lost.id), "fence": 1, "command": "lookup", "position_ticket": "0"}
    ]


def deal_body(order):
    return {
        "ticket": "101",
        "kind": "buy",
        "entry": "in",
        "time_msc": int(now().timestamp() * 1000),
        "position_ticket": "99",
        "magic": str(order.id),
        "symbol": "EURUSD",
        "volume_lots": "0.10",
        "price": "1.10010",
        "commission": "-0.30",
    }


def test_reports(desk):
    order = desk.leased()
    batch = [
        {"report_id": "r1", "seq": 1, "kind": "ack", "order_id": str(order.id), "fence": 1},
        {"report_id": "r2", "seq": 2, "kind": "deal", "deal": deal_body(order)},
        {"report_id": "r3", "seq": 3, "kind": "dance"},
        {"report_id": "r4", "seq": 5, "kind": "done", "order_id": str(order.id), "fence": 0},
        {"report_id": "r1", "seq": 1, "kind": "ack", "order_id": str(order.id), "fence": 1},
    ]
    answer = post(desk, "reports", {"instance": "ea-1", "reports": batch})
    assert answer.status_code == 200
    body = answer.json()
    assert TIME.match(body.pop("server_time"))
    assert body == {
        "reports": [
            {"report_id": "r1", "verdict": "stored", "applied": True, "reason": ""},
            {"report_id": "r2", "verdict": "stored", "applied": True, "reason": ""},
            {
                "report_id": "r3",
                "verdict": "refused",
                "applied": False,
                "reason": "kind 'dance' is not known",
            },
            {"report_id": "r4", "verdict": "stored", "applied": False, "reason": "stale_fence"},
            {"report_id": "r1", "verdict": "duplicate", "applied": False, "reason": ""},
        ],
        "gaps": [{"first": 3, "last": 4}],
    }
    assert Order.objects.get().state == "filled"
    assert json.loads(Report.objects.get(report_id="r2").raw) == batch[1]


def test_heartbeat(desk):
    answer = post(desk, "heartbeat", heartbeat_body(open_tickets=["7"]))
    assert answer.status_code == 200
    assert answer.json()["account"]["state"] == "active"
    desk.account.refresh_from_db()
    assert (desk.account.equity, desk.account.open_tickets) == (Decimal("10000.50"), [7])


def error(answer):
    body = answer.json()
    assert set(body) == {"code", "message", "detail"}
    return answer.status_code, body["code"]


@pytest.mark.parametrize("text", ["", "nonsense", "abc.def", "é.ü", "." * 300, "a" * 300])
def test_a_wrong_key_is_refused_and_always_looks_the_same(desk, text):
    answer = Client().post(
        BASE + "poll",
        b"{}",
        content_type="application/json",
        headers={"Authorization": f"Token {text}"},
    )
    assert error(answer)[0] == 401
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_the_right_prefix_with_a_wrong_secret_is_refused(desk):
    prefix = desk.key_text.partition(".")[0]
    assert error(post(desk, "poll", {}, key=f"{prefix}.wrong")) == (401, "key_refused")


def test_a_revoked_or_expired_key_is_refused(desk, clock):
    key_revoke(key_id=desk.caller.key_id, actor="user:1")
    assert error(post(desk, "poll", {"instance": "e"})) == (401, "key_refused")
    late = key_issue(account_id=desk.account.id, label="", actor="user:1", valid_days=1)
    clock.advance(days=1, seconds=1)
    assert error(post(desk, "poll", {"instance": "e"}, key=late.text)) == (401, "key_refused")


def test_a_key_without_the_scope_may_not_lease(desk):
    reader = key_issue(
        account_id=desk.account.id, label="", actor="user:1", scopes=["telemetry:write"]
    )
    assert error(post(desk, "poll", {"instance": "e"}, key=reader.text)) == (403, "scope_missing")
    assert post(desk, "heartbeat", heartbeat_body(), key=reader.text).status_code == 200


def test_using_a_key_is_remembered(desk):
    post(desk, "poll", {"instance": "ea-1"})
    key = ExecutorKey.objects.get(id=desk.caller.key_id)
    assert (key.last_used_at is not None, key.instance) == (True, "ea-1")


def test_a_key_is_written_twice_a_minute_and_not_at_each_call(desk, clock):
    post(desk, "poll", {"instance": "ea-1"})
    first = ExecutorKey.objects.get(id=desk.caller.key_id).last_used_at
    for seconds, writes in ((1, 0), (20, 0), (20, 1)):
        clock.advance(seconds=seconds)
        with CaptureQueriesContext(connection) as asked:
            post(desk, "poll", {"instance": "ea-1"})
        found = [one for one in asked if 'UPDATE "execution_executorkey"' in one["sql"]]
        assert len(found) == writes
    assert ExecutorKey.objects.get(id=desk.caller.key_id).last_used_at > first


def test_a_second_instance_is_refused_and_seen_by_people(desk):
    post(desk, "poll", {"instance": "ea-1"})
    assert error(post(desk, "poll", {"instance": "ea-2"})) == (409, "instance_conflict")
    assert Incident.objects.get().kind == "executor.contested"


def test_a_terminal_of_another_account_is_refused(desk):
    assert error(post(desk, "hello", hello_body(desk, login="9"))) == (409, "account_mismatch")


@pytest.mark.parametrize("name", ["hello", "poll", "reports", "heartbeat"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"instance": 5}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"a":NaN}',
        b'{"instance":"a\\u0000b"}',
        b'{"instance":"ea-1","surprise":1}',
    ],
)
def test_an_unreadable_body_is_422_with_a_reason(desk, name, raw):
    assert error(post(desk, name, None, raw=raw)) == (422, "body_unreadable")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("hello", TELLING_BYTES_MAX),
        ("poll", BODY_BYTES_MAX),
        ("reports", BODY_BYTES_MAX),
        ("heartbeat", TELLING_BYTES_MAX),
    ],
)
def test_an_oversized_body_is_413(desk, name, most):
    assert error(post(desk, name, None, raw=b" " * (most + 1))) == (413, "body_too_large")
    assert error(post(desk, name, None, raw=b" " * most)) == (422, "body_unreadable")


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=0.9", "", "\u00e9", "*"])
def test_an_odd_accept_header_gets_json(desk, accept):
    answer = post(desk, "poll", {"instance": "ea-1"}, Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"


def test_the_content_type_does_not_matter(desk):
    answer = post(desk, "poll", {"instance": "ea-1"}, content_type="text/plain")
    assert answer.status_code == 200


def test_only_post_is_offered(desk):
    answer = Client().get(BASE + "poll", headers={"Authorization": f"Token {desk.key_text}"})
    assert error(answer)[0] == 405


def test_numbers_as_json_floats_are_refused(desk):
    assert error(post(desk, "heartbeat", heartbeat_body(balance=10000.5))) == (
        422,
        "body_unreadable",
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=120), name=st.sampled_from(["hello", "poll", "reports", "heartbeat"]))
def test_no_bytes_make_a_server_error(desk, raw, name):
    assert post(desk, name, None, raw=raw).status_code < 500


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.just("9" * 30),
    st.just("999999999999.9999999999"),
    st.just("999999.99999999"),
    st.just("0.0000000001"),
    st.just("-1"),
    st.just("1e9"),
    st.just(""),
    st.lists(st.integers(), max_size=2),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    member=st.sampled_from(
        sorted(
            [
                "ticket",
                "kind",
                "entry",
                "time_msc",
                "position_ticket",
                "magic",
                "symbol",
                "volume_lots",
                "price",
                "commission",
                "comment",
                "broker_offset_seconds",
                "profit",
                "reason",
            ]
        )
    ),
    value=odd,
)
def test_no_odd_deal_makes_a_server_error(desk, member, value):
    order = desk.stage()
    report = {
        "report_id": "x",
        "seq": 1,
        "kind": "deal",
        "deal": {**deal_body(order), member: value},
    }
    answer = post(desk, "reports", {"instance": "ea-1", "reports": [report]})
    assert answer.status_code == 200


def test_the_largest_numbers_that_are_read_can_be_folded_and_closed(desk):
    order = desk.leased(sl="1.09999")
    large = {"price": "9999999999.9999999999", "volume_lots": "999999.99999999"}
    money = "-999999999999.9999999999"
    deals = [
        {**deal_body(order), **large, "ticket": "1", "fee": money},
        {
            **deal_body(order),
            **large,
            "ticket": "2",
            "kind": "sell",
            "entry": "out",
            "magic": "0",
            "time_msc": int(now().timestamp() * 1000) + 1,
            "profit": money,
            "swap": money,
            "reason": "sl",
        },
    ]
    batch = [
        {"report_id": f"r{number}", "seq": number, "kind": "deal", "deal": deal}
        for number, deal in enumerate(deals, start=1)
    ]
    answer = post(desk, "reports", {"instance": "ea-1", "reports": batch})
    assert [one["verdict"] for one in answer.json()["reports"]] == ["stored", "stored"]
    position = Position.objects.get()
    assert position.closed_at is not None
    assert position_quality_get(position_id=position.id).entry_slippage_bps == 10_000
