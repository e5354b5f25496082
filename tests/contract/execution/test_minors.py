"""What an executor says of itself, over HTTP: its copies and its minor."""

import pytest

from tests.builders.execution import desk_make
from tests.contract.execution.calls import heartbeat_body, hello_body, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def test_a_copy_of_the_executor_gets_409_from_every_call(desk):
    first, second = {"boot_nonce": "first"}, {"boot_nonce": "second"}
    post(desk, "hello", hello_body(desk, api_minor=1, **first))
    bodies = {
        "hello": hello_body(desk),
        "poll": {"instance": "ea-1"},
        "reports": {"instance": "ea-1", "reports": []},
        "heartbeat": heartbeat_body(),
    }
    for name, body in bodies.items():
        answer = post(desk, name, {**body, **second})
        assert (answer.status_code, answer.json()["code"]) == (409, "instance_conflict")
        assert post(desk, name, {**body, **first}).status_code == 200


@pytest.mark.parametrize("minor", [0, 1])
def test_fill_and_snapshot_are_taken_from_minor_0_only(desk, minor):
    told = {"boot_nonce": "first", "api_minor": 1} if minor else {}
    post(desk, "hello", hello_body(desk, **told))
    nonce = {"boot_nonce": "first"} if minor else {}
    deal = {"ticket": "1", "kind": "balance", "time_msc": 1}
    reports = [
        {"report_id": "a", "seq": 1, "kind": "position_snapshot"},
        {"report_id": "b", "seq": 2, "kind": "fill", "deal": deal},
        {"report_id": "c", "seq": 3, "kind": "deal", "deal": {**deal, "ticket": "2"}},
    ]
    answer = post(desk, "reports", {"instance": "ea-1", "reports": reports, **nonce}).json()
    verdicts = [one["verdict"] for one in answer["reports"]]
    assert verdicts == (["refused"] * 2 if minor else ["stored"] * 2) + ["stored"]
