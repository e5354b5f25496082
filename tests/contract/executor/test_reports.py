"""Reports: numbered without a gap, told until each has its verdict, and never in other words."""

import json

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import LOST, Bent


def trade(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)


def numbers(rig: Rig) -> list[int]:
    (told,) = rig.server.told.values()
    return sorted(told.raw)


def test_numbers_go_up_by_one_over_a_restart(rig: Rig) -> None:
    trade(rig)
    rig.restart()
    trade(rig)
    rig.seconds(3)
    found = numbers(rig)
    assert found == list(range(1, len(found) + 1))


def test_a_lost_answer_gives_the_same_reports_again(rig: Rig) -> None:
    """The same number with other content would be a fault of the executor."""
    rig.server.bend("reports", LOST, times=3)
    trade(rig)
    rig.seconds(10)
    found = numbers(rig)
    assert found == list(range(1, len(found) + 1))


def test_a_number_that_the_server_misses_is_told_again(rig: Rig) -> None:
    rig.server.lost_reports = 1
    trade(rig)
    rig.money("balance", "1")
    rig.seconds(8)
    found = numbers(rig)
    assert found == list(range(1, len(found) + 1))
    assert {one.ticket for one in rig.deals()} == set(rig.server.deals())


def test_a_report_that_is_refused_stops_no_other_and_leaves_no_gap_for_ever(rig: Rig) -> None:
    rig.server.refuses = lambda report: report.kind == "ack"
    trade(rig)
    rig.seconds(8)
    rig.money("balance", "1")
    rig.until(lambda: len(rig.server.deals()) == 3)
    rig.seconds(8)
    found = numbers(rig)
    assert found == list(range(1, len(found) + 1)), "a notice stands where the refused one stood"
    acks = [one for body in rig.server.heard("reports") for one in body["reports"]]
    assert len([one for one in acks if one["kind"] == "ack"]) < 5


def test_a_batch_that_is_too_long_is_told_in_parts(rig: Rig) -> None:
    rig.server.bend("", Bent(status=503, body=""), times=10_000)
    rig.seconds(2)
    for amount in range(1, 41):
        rig.money("balance", str(amount))
    rig.seconds(2)
    rig.server.batch_max = 4
    rig.server.straighten()
    rig.until(lambda: len(rig.server.deals()) == 41, 240)


def test_verdicts_that_are_missing_leave_the_reports_untold(rig: Rig) -> None:
    empty = json.dumps({"reports": [], "gaps": [], "server_time": rig.server.time()})
    rig.server.bend("reports", Bent(body=empty), times=2)
    rig.money("balance", "1")
    rig.until(lambda: len(rig.server.deals()) == 2)


def test_verdicts_of_other_reports_are_not_taken_for_these(rig: Rig) -> None:
    odd = {"report_id": "another-1", "verdict": "stored", "applied": True, "reason": ""}
    body = json.dumps({"reports": [odd], "gaps": [], "server_time": rig.server.time()})
    rig.server.bend("reports", Bent(body=body), times=2)
    rig.money("balance", "1")
    rig.until(lambda: len(rig.server.deals()) == 2)
