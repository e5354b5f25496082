"""Answers that are none: nothing is traded by luck, and once they are straight it goes on."""

import json

import pytest

from tests.contract.executor.bent import HTML
from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Bent

STATUSES = [204, 301, 302, 308, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504]


def goes_on(rig: Rig) -> None:
    """Nothing was traded, and once the answers are straight each thing is done once."""
    rig.seconds(4)
    assert len(rig.deals()) == 1, "the deposit alone"
    rig.server.straighten()
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    rig.seconds(4)
    assert len(rig.fills(entry.id)) == 1
    assert {one.ticket for one in rig.deals()} == set(rig.server.deals())


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_is_not_200_trades_nothing(rig: Rig, status: int) -> None:
    """The body is a poll's answer that would hand out and permit an order."""
    rig.server.bend("poll", Bent(status=status, body=tempting(rig)), times=3)
    goes_on(rig)


@pytest.mark.parametrize("call", ["hello", "poll", "reports", "heartbeat"])
@pytest.mark.parametrize("status", [400, 401, 403, 409, 500, 503])
def test_an_error_page_instead_of_any_answer_is_gone_over(rig: Rig, call: str, status: int) -> None:
    page = Bent(status=status, body=HTML, headers={"Content-Type": "text/html"})
    if call == "hello":
        rig.server.bend("poll", Bent.error(409, "instance_conflict"))
    rig.server.bend(call, page, times=3)
    rig.money("balance", "1")
    rig.seconds(8)
    rig.server.straighten()
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def tempting(rig: Rig, **members: object) -> str:
    """A poll's answer with an order that may be sent at once, and whatever a case changes."""
    order = rig.server.hand_out()
    straight = rig.server.answer(
        "poll",
        b'{"instance": "case", "boot_nonce": "case"}',
        {"authorization": "Token test1234.an-executor-key"},
        "",
    )
    rig.server.orders.remove(order)
    return json.dumps({**json.loads(straight.body or "{}"), **members})


BROKEN = {
    "empty": "",
    "a page": HTML,
    "half": '{"orders": [',
    "a list": "[]",
    "a number": "17",
    "deep": "[" * 100_000,
    "no UTF-8": "{\udcff",
}
WRONG = {
    "orders as an object": {"orders": {}},
    "no permit": {"permit": None},
    "entries allowed in words": {"permit": {"entries_allowed": "yes", "seconds": 3, "orders": []}},
    "seconds as text": {"permit": {"entries_allowed": True, "seconds": "3", "orders": []}},
    "a fence as text": {"desired": [{"order_id": "1", "fence": "1", "command": "cancel"}]},
    "a time in words": {"server_time": "tomorrow"},
    "an order without a number": {"orders": [{"event": "entry"}]},
    "an order number as a number": {"orders": [{"order_id": 4711, "fence": 1}]},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_body_that_is_no_answer_trades_nothing(rig: Rig, name: str) -> None:
    rig.server.bend("poll", Bent(body=BROKEN[name]), times=3)
    goes_on(rig)


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_of_another_form_trades_nothing_of_it(rig: Rig, name: str) -> None:
    rig.server.bend("poll", Bent(body=tempting(rig, **WRONG[name])), times=3)
    goes_on(rig)


def test_a_huge_answer_trades_nothing(rig: Rig) -> None:
    rig.server.bend("poll", Bent(body=tempting(rig, more="x" * 6_000_000)), times=2)
    goes_on(rig)


def test_a_redirection_is_not_followed(rig: Rig) -> None:
    elsewhere = {"Location": f"{rig.server.url}/elsewhere"}
    rig.server.bend("poll", Bent(status=307, headers=elsewhere, body=""), times=3)
    goes_on(rig)
    assert {one.name for one in rig.server.calls} <= {
        *("hello", "poll", "reports", "heartbeat", "wait", "bars"),
    }


def test_an_answer_that_breaks_off_trades_nothing(rig: Rig) -> None:
    rig.server.bend("poll", Bent(body=tempting(rig), is_cut=True, cut_at=300), times=3)
    goes_on(rig)


def test_a_line_that_breaks_before_the_answer_trades_nothing(rig: Rig) -> None:
    rig.server.bend("poll", Bent(is_cut=True), times=3)
    goes_on(rig)


def test_a_server_that_says_nothing_is_left_after_a_while(rig: Rig) -> None:
    rig.silence("poll", tempting(rig))
    goes_on(rig)


def test_a_hello_that_cannot_be_read_begins_no_work(rig: Rig) -> None:
    rig.server.bend("poll", Bent.error(409, "instance_conflict"))
    rig.server.bend("hello", Bent(body='{"account": 1}'), times=3)
    goes_on(rig)


def test_members_that_are_not_known_are_left_alone(rig: Rig) -> None:
    """A later server says more in its answers; that is no reason to stop."""
    rig.server.bend("poll", Bent(does=True, body=tempting(rig, weather="fine")))
    rig.until(lambda: len(rig.deals()) == 2)
