"""The published schema of the executor API, the structs that read it, and who writes to it."""

import json
import re
from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from execution import wire
from execution.client import ExecutorClient
from execution.management.commands import executor_schema as command
from execution.models import Deal
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.terms import PaperSymbol, Quote
from execution.wire.fields import API_MINOR, MomentText
from execution.wire.schema import executor_schema_text

ROOT = Path(__file__).resolve().parents[3]
NAMES = {
    "hello": wire.Hello,
    "poll": wire.Poll,
    "reports": wire.Reports,
    "heartbeat": wire.Heartbeat,
    "wait": wire.Wait,
    "bars": wire.Bars,
}
SCHEMA = json.loads(command.SCHEMA_FILE.read_text())
EXAMPLES = {
    name: json.loads(text)
    for name, text in re.findall(
        r"```json (\w+)\n(.*?)```", (ROOT / "docs/executor.md").read_text(), re.DOTALL
    )
}
DEAL_REPORT = EXAMPLES["reports"]["reports"][2]


def validator(name):
    kind = NAMES[name].__name__
    return Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{kind}"})


VALIDATORS = {name: validator(name) for name in NAMES}


def wire_reads(name, body):
    """Read the body, and each report of a batch, as the API does."""
    try:
        found = wire.body_read(json.dumps(body).encode(), NAMES[name])
        for raw in found.reports if name == "reports" else ():
            wire.report_read(bytes(raw))
        if name == "hello" and wire.sheets_read(found.symbols)[1]:
            return False
    except wire.WireError:
        return False
    return True


def test_the_schema_is_what_the_structs_say():
    assert command.SCHEMA_FILE.read_text() == executor_schema_text(), "run make executor-schema"
    call_command("executor_schema", check=True)


@pytest.mark.parametrize("name", ["SCHEMA_FILE", "OPENAPI_FILE"])
def test_a_schema_that_is_behind_is_noticed(monkeypatch, tmp_path, name):
    monkeypatch.setattr(command, name, tmp_path / getattr(command, name).name)
    with pytest.raises(CommandError):
        call_command("executor_schema", check=True)
    call_command("executor_schema")
    call_command("executor_schema", check=True)


def test_the_schema_is_one_and_any_regular_expression_engine_reads_it():
    Draft202012Validator.check_schema(SCHEMA)
    patterns = re.findall(r'"pattern": "(.*)"', command.SCHEMA_FILE.read_text())
    assert patterns
    assert [one for one in patterns if not (one.startswith("^") and one.endswith("$"))] == []
    assert [one for one in patterns if r"\Z" in one or r"\A" in one] == []


def strings_without_limit(part):
    if isinstance(part, dict):
        if part.get("type") == "string" and not {"pattern", "maxLength", "enum"} & set(part):
            yield part
        for one in part.values():
            yield from strings_without_limit(one)
    elif isinstance(part, list):
        for one in part:
            yield from strings_without_limit(one)


def numbers_of(part):
    if isinstance(part, dict):
        if part.get("type") in ("integer", "number"):
            yield part
        for one in part.values():
            yield from numbers_of(one)
    elif isinstance(part, list):
        for one in part:
            yield from numbers_of(one)


def test_every_text_and_number_of_the_schema_is_bounded():
    assert list(strings_without_limit(SCHEMA)) == []
    numbers = list(numbers_of(SCHEMA))
    assert numbers
    assert all({"minimum", "maximum"} <= set(one) for one in numbers)
    assert {one["type"] for one in numbers} == {"integer"}


def test_a_deals_members_are_columns_of_the_stored_deal():
    columns = {field.name for field in Deal._meta.get_fields()}
    assert set(wire.DEAL_COLUMNS) | {"kind", "kind_raw", "at"} <= columns


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_examples_are_valid_and_read(name):
    VALIDATORS[name].validate(EXAMPLES[name])
    assert wire_reads(name, EXAMPLES[name])


class Server(httpx2.BaseTransport):
    """Answers a paper executor from a list of polls and keeps what it was sent."""

    def __init__(self, polls):
        self.polls = polls
        self.requests = []

    def handle_request(self, request):
        name = request.url.path.rsplit("/", 1)[1]
        body = json.loads(request.read())
        self.requests.append((name, body))
        return httpx2.Response(200, json={**getattr(self, name)(body), "server_time": a_time(0)})

    def hello(self, body):
        return HELLO_ANSWER

    def poll(self, body):
        poll = {"orders": [], "permitted": [], "desired": []}
        if self.polls:
            poll |= self.polls.pop(0)
        return {
            "orders": poll["orders"],
            "desired": poll["desired"],
            "permit": {"entries_allowed": True, "seconds": 3, "orders": poll["permitted"]},
        }

    def reports(self, body):
        verdicts = [
            {"report_id": one["report_id"], "verdict": "stored", "applied": True, "reason": ""}
            for one in body["reports"]
        ]
        return {"reports": verdicts, "gaps": []}

    def heartbeat(self, body):
        return {"account": ACCOUNT}


ACCOUNT = {
    "id": "1",
    "name": "Paper",
    "book": "paper",
    "state": "active",
    "margin_mode": "hedging",
}
HELLO_ANSWER = {
    "account": ACCOUNT,
    "limits": {"order_lots_max": "10", "open_lots_max": "50"},
    "symbols": [],
    "orders": [],
    "last_seq": 0,
    "poll_seconds": "0.5",
    "lease_seconds": 10,
    "permit_seconds": 3,
    "wait_offered": False,
}


def a_time(seconds):
    return MomentText.of(datetime.now(tz=UTC) + timedelta(seconds=seconds))


def leased(order_id, **changes):
    return {
        "order_id": order_id,
        "fence": 1,
        "event": "entry",
        "broker_symbol": "EURUSD",
        "side": "buy",
        "order_type": "market",
        "volume_lots": "0.10",
        "limit_price": None,
        "stop_price": None,
        "sl": None,
        "tp": None,
        "position_ticket": "0",
        "trace_id": "a" * 32,
        "valid_until": a_time(60),
        "lease_until": a_time(10),
        **changes,
    }


def test_whatever_the_paper_executor_sends_is_valid_and_read(tmp_path):
    orders = [
        leased("1"),
        leased("2", volume_lots="0.001"),
        leased("3", order_type="limit", limit_price="1.00000"),
        leased("4", valid_until="2020-01-01T00:00:00.000Z"),
        leased("5", broker_symbol="NOWHERE"),
        leased("6", needs_minor=API_MINOR + 1),
    ]
    permitted = [{"order_id": one["order_id"], "fence": 1} for one in orders]
    commands = [
        {"order_id": "3", "fence": 1, "command": "cancel"},
        {"order_id": "1", "fence": 1, "command": "lookup"},
        {"order_id": "9", "fence": 1, "command": "lookup"},
    ]
    server = Server([{"orders": orders, "permitted": permitted}, {"desired": commands}])
    symbol = PaperSymbol("EURUSD", 5, Decimal(100_000))
    executor = PaperExecutor(
        client=ExecutorClient("http://server", "key", transport=server),
        broker=PaperBroker(
            lambda name, _: Quote(Decimal("1.1"), Decimal("1.1001")) if name == "EURUSD" else None,
            tmp_path,
            symbols=[symbol],
        ),
        journal=Journal(tmp_path / "executor.sqlite3"),
        server="Paper",
        login="1",
    )
    for _ in range(2):
        executor.step()
    for name, body in server.requests:
        VALIDATORS[name].validate(body)
        assert wire_reads(name, body)
    kinds = Counter(one["kind"] for _, body in server.requests for one in body.get("reports", ()))
    assert {"ack", "deal", "done", "rejected", "working", "cancelled", "never_sent"} <= set(kinds)
    assert {name for name, _ in server.requests} == set(NAMES) - {"wait", "bars"}
    of_beyond = [
        (one["kind"], one.get("message"))
        for _, body in server.requests
        for one in body.get("reports", ())
        if one.get("order_id") == "6" or one.get("deal", {}).get("magic") == "6"
    ]
    assert of_beyond == [("rejected", f"needs minor {API_MINOR + 1}")]


# What msgspec's own Decimal would have taken, and what else is no number of ours.
NO_NUMBERS = [
    1.1,
    1,
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "1e5",
    "1_000",
    " 1 ",
    "1 ",
    "+1",
    "12345678901234567890123",
    "1.12345678901",
    "1.",
    ".1",
    "",
    "1,5",
    "0x10",
    "\u0661",
    None,
    True,
    ["1"],
]
NUMBERS = [
    *("volume_lots", "price", "profit", "swap", "commission", "fee"),
    *("ticket", "position_ticket", "broker_order_ticket", "magic"),
]


def reports_with(member, value):
    deal = {**DEAL_REPORT["deal"], member: value}
    return {"instance": "ea-1", "reports": [{**DEAL_REPORT, "deal": deal}]}


@pytest.mark.parametrize("member", NUMBERS)
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_of_ours_is_refused_by_schema_and_wire(member, value):
    body = reports_with(member, value)
    assert not VALIDATORS["reports"].is_valid(body)
    assert not wire_reads("reports", body)


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("heartbeat", "equity", 10000.5),
        ("heartbeat", "margin", None),
        ("heartbeat", "open_tickets", [99]),
        ("heartbeat", "open_tickets", ["1"] * 5001),
        ("heartbeat", "positions", [EXAMPLES["heartbeat"]["positions"][0]] * 5001),
        ("heartbeat", "pendings", [EXAMPLES["heartbeat"]["pendings"][0]] * 1001),
        ("heartbeat", "number", 0),
        ("heartbeat", "told_at", "2026-03-02 10:00"),
        ("heartbeat", "quotes", [{"symbol": "EURUSD", "bid": "1", "ask": 1.1, "time_msc": 1}]),
        ("heartbeat", "entries_blocked", ["Daily loss"]),
        ("heartbeat", "flags", {"connected": True}),
        ("heartbeat", "watermark", {"time_msc": -1, "ticket": "1"}),
        ("hello", "margin_mode", "both"),
        ("hello", "currency", "usd"),
        ("hello", "balance", "1e3"),
        ("hello", "versions", {"executor": "x" * 65}),
        ("hello", "versions", {str(number): "1" for number in range(17)}),
        ("hello", "symbols", [{**EXAMPLES["hello"]["symbols"][0], "tick_size": "0.0"}]),
        ("hello", "symbols", [{**EXAMPLES["hello"]["symbols"][0], "lot_max": "0"}]),
        ("hello", "symbols", [{**EXAMPLES["hello"]["symbols"][0], "digits": 11}]),
        ("hello", "symbols", [{**EXAMPLES["hello"]["symbols"][0], "trade_mode": "FULL"}]),
        ("hello", "symbols", [{**EXAMPLES["hello"]["symbols"][0], "tick_value": "-1"}]),
        ("hello", "trade_mode", "live"),
        ("poll", "instance", "a b"),
        ("poll", "surprise", 1),
        ("reports", "reports", [{**DEAL_REPORT, "deal": None}]),
        ("reports", "reports", [{**DEAL_REPORT, "kind": "ack"}]),
        ("reports", "reports", [{**DEAL_REPORT, "kind": "dance", "deal": None}]),
        ("reports", "reports", [{**DEAL_REPORT, "message": "x" * 501}]),
        ("reports", "reports", [{**DEAL_REPORT, "deal_ticket": "1"}]),
        ("reports", "reports", [{"report_id": "a", "seq": 1, "kind": "notice"}]),
        ("reports", "reports", [{"report_id": "a", "seq": 1, "kind": "deal_deleted"}]),
        (
            "reports",
            "reports",
            [{**DEAL_REPORT, "deal": {**DEAL_REPORT["deal"], "kind": "deleted"}}],
        ),
        ("reports", "reports", [EXAMPLES["reports"]["reports"][0]] * 101),
    ],
)
def test_what_is_beyond_a_limit_is_refused_by_schema_and_wire(name, member, value):
    body = {**EXAMPLES[name], member: value}
    assert not VALIDATORS[name].is_valid(body)
    assert not wire_reads(name, body)


def test_a_ticket_beyond_63_bits_is_beyond_the_schema_and_refused_by_the_wire():
    body = reports_with("ticket", str(2**63))
    assert VALIDATORS["reports"].is_valid(body)
    assert not wire_reads("reports", body)
    assert wire_reads("reports", reports_with("ticket", str(2**63 - 1)))


def places(value, path=()):
    """Every place of a JSON document."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def put(document, path, value):
    if not path:
        return value
    changed = deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


PLACES = [(name, path) for name in NAMES for path in list(places(EXAMPLES[name]))[1:]]
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=70),
    st.from_regex(r"-?[0-9]{0,14}(\.[0-9]{0,12})?", fullmatch=True),
    st.sampled_from(["in", "deal", "ack", "netting", "buy_canceled", "0", "1\n", "", "9" * 19]),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(place=st.sampled_from(PLACES), value=odd)
def test_whatever_the_schema_refuses_the_wire_refuses(place, value):
    name, path = place
    body = put(EXAMPLES[name], path, value)
    if not VALIDATORS[name].is_valid(body):
        assert not wire_reads(name, body)
