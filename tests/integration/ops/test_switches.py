"""The page of switches: who stopped what and why, killed by a question, allowed again by two."""

import pytest

from execution.models import CloseRequest, Order, Switch
from execution.rules.switches import EVERYTHING, account_target
from fusion_project.second_person.models import Request
from tests.builders.execution import desk_make
from tests.builders.pages import client_of
from tests.builders.people import staff_make
from tests.builders.switches import stop

pytestmark = pytest.mark.django_db
KILL = "/ops/switches/turn?target=all&state=halted"


@pytest.fixture
def desk():
    return desk_make()


def test_everything_is_killed_by_one_question_with_a_reason(ops, desk) -> None:
    page = ops.get("/ops/switches/").content.decode()
    assert "Halt everything…" in page
    assert KILL.replace("&", "&amp;") in page
    question = ops.get(KILL).content.decode()
    assert "Set everything to HALTED?" in question
    assert "Entries that rest at the broker are cancelled too." in question
    assert not Switch.objects.exists()
    answer = ops.post(KILL, {"reason": "quotes look wrong"}, follow=True)
    assert b"no entry goes out any more, exits pass" in answer.content
    turn = Switch.objects.get()
    user = answer.wsgi_request.user
    assert (turn.scope, turn.state, turn.actor) == ("all", "halted", f"user:{user.pk}")
    page = answer.content.decode()
    assert "quotes look wrong" in page
    assert user.get_username() in page


@pytest.mark.parametrize("which", ["all", "account"])
def test_who_flattens_is_told_whether_entries_may_follow(ops, desk, which) -> None:
    address = f"/ops/switches/flatten?account={'all' if which == 'all' else desk.account.pk}"
    assert "New entries stay allowed." in ops.get(address).content.decode()
    stop(EVERYTHING)
    told = ops.get(address).content.decode()
    assert "New entries are stopped: it is HALTED." in told
    assert "stay allowed" not in told


def test_to_allow_again_a_second_person_is_asked(ops, desk, run_handlers) -> None:
    stop(EVERYTHING)
    address = "/ops/switches/turn?target=all&state=active"
    assert b"Once a second person confirms" in ops.get(address).content
    answer = ops.post(address, {"reason": "quotes are right"}, follow=True)
    assert b"waits for a second person" in answer.content
    request = Request.objects.get()
    second = client_of(staff_make("reviewer"))
    confirming = f"/ops/requests/{request.pk}/confirm"
    second.post(confirming, {"payload_sha256": request.payload_sha256})
    run_handlers()
    assert Switch.objects.latest("id").state == "active"
    assert b"ACTIVE" in ops.get("/ops/switches/").content


@pytest.mark.parametrize(
    ("target", "named"),
    [("account", "Set account"), ("strategy", "Set strategy"), ("instrument", "Set instrument")],
)
def test_each_scope_is_turned_from_the_page(ops, desk, target, named) -> None:
    key = {
        "account": desk.account.pk,
        "strategy": desk.strategy.pk,
        "instrument": "EURUSD",
    }[target]
    address = f"/ops/switches/turn?target={target}:{key}&state=reducing"
    page = ops.get("/ops/switches/").content.decode()
    assert f"target={target}%3A{key}&amp;state=reducing" in page
    assert named in ops.get(address).content.decode()
    ops.post(address, {"reason": "slow down"})
    assert Switch.objects.get().state == "reducing"


def test_a_turn_without_a_reason_is_refused(ops, desk) -> None:
    answer = ops.post(KILL, {"reason": " "}, follow=True)
    assert b"Nothing done: Say why" in answer.content
    assert not Switch.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "target=all&state=off",
        "target=desk&state=halted",
        "target=account:999999&state=halted",
        "target=account:x&state=halted",
        "target=strategy:0&state=halted",
        "target=all:1&state=halted",
        "target=instrument&state=halted",
    ],
)
def test_odd_addresses_lead_nowhere(ops, query) -> None:
    assert ops.get(f"/ops/switches/turn?{query}").status_code == 404
    assert ops.post(f"/ops/switches/turn?{query}", {"reason": "x"}).status_code == 404


def test_an_account_is_flattened_and_a_position_closed_from_the_page(
    ops, desk, run_handlers
) -> None:
    first, second = desk.opened(trade_ref="t1"), desk.opened(trade_ref="t2")
    page = ops.get("/ops/switches/").content.decode()
    closing = f"/ops/switches/close?account={desk.account.pk}&ticket={first.position_ticket}"
    assert closing.replace("&", "&amp;") in page
    assert "one of our orders" in ops.get(closing).content.decode()
    ops.post(closing, {"reason": "wrong chart"})
    run_handlers()
    assert Order.objects.get(request__isnull=False).position_ticket == first.position_ticket
    flattening = f"/ops/switches/flatten?account={desk.account.pk}"
    assert "Open positions of ours" in ops.get(flattening).content.decode()
    ops.post(flattening, {"reason": "going home"})
    run_handlers()
    last = Order.objects.filter(request__isnull=False).latest("id")
    assert last.position_ticket == second.position_ticket
    assert CloseRequest.objects.latest("id").with_foreign is False


def test_positions_of_others_are_closed_only_where_the_box_is_ticked(
    ops, desk, run_handlers
) -> None:
    deal = desk.deal(kind="buy", entry="in", symbol="EURUSD")
    address = f"/ops/switches/close?account={desk.account.pk}&ticket={deal.position_ticket}"
    assert "somebody else" in ops.get(address).content.decode()
    answer = ops.post(address, {"reason": "x"}, follow=True)
    assert b"is not ours" in answer.content
    ops.post(address, {"reason": "x", "with_foreign": "1"})
    run_handlers()
    assert Order.objects.get(request__isnull=False).strategy_id is None


def test_what_is_closed_already_is_said_so(ops, desk) -> None:
    address = f"/ops/switches/close?account={desk.account.pk}&ticket=5"
    assert b"is not open any more" in ops.get(address, follow=True).content
    assert ops.get("/ops/switches/flatten?account=999999").status_code == 404


def test_a_viewer_reads_and_turns_nothing(viewer, auditor, desk) -> None:
    stop(account_target(desk.account.pk), reason="a rule")
    page = viewer.get("/ops/switches/").content.decode()
    assert "a rule" in page
    assert "Turning a switch needs the role" in page
    for client in (viewer, auditor):
        for address in (KILL, "/ops/switches/flatten?account=all"):
            assert client.post(address, {"reason": "x"}).status_code == 403


def test_home_says_which_accounts_are_stopped(ops, desk) -> None:
    desk.poll()
    stop(account_target(desk.account.pk))
    assert f"stopped: {desk.account.name}" in ops.get("/admin/").content.decode()
