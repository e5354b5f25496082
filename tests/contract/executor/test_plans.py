"""The plan of an entry, carried out by any executor: parts once, the stop never loosened."""

from decimal import Decimal
from typing import Any

import pytest

from tests.contract.executor.orders import Handed
from tests.contract.executor.rig import POINT, Held, Rig


def points(value: int) -> dict[str, str]:
    return {"unit": "points", "value": str(value)}


def target(value: int, share: int) -> dict[str, str]:
    return {**points(value), "share": str(share)}


PLAN: dict[str, Any] = {
    "targets": [target(100, 40), target(200, 30)],
    "break_even": {"trigger": points(90), "offset": points(5)},
}


def planned(rig: Rig, plan: dict[str, Any], **terms: Any) -> tuple[Handed, Held]:
    entry = rig.server.hand_out(**{"plan": plan, "needs_minor": 4, **terms})
    rig.until(lambda: "done" in entry.told)
    rig.seconds(3)
    (held,) = rig.positions()
    return entry, held


def gain(rig: Rig, held: Held, value: int, seconds: float = 8) -> None:
    rig.price(str(held.price + value * POINT))
    rig.seconds(seconds)


def codes(entry: Handed) -> list[str | None]:
    return [one.code for one in entry.reports if one.kind == "step"]


def test_targets_close_their_shares_and_the_stop_goes_to_break_even(rig: Rig) -> None:
    entry, held = planned(rig, PLAN)
    gain(rig, held, 95)
    (now,) = rig.positions()
    assert (now.lots, now.sl) == (Decimal("0.10"), held.price + 5 * POINT)
    gain(rig, held, 110)
    assert rig.positions()[0].lots == Decimal("0.06")
    gain(rig, held, 205)
    (now,) = rig.positions()
    assert (now.lots, now.sl) == (Decimal("0.03"), held.price + 5 * POINT)
    assert codes(entry) == ["break_even", "target_1", "target_2"]


def test_a_trailing_stop_follows_in_steps_and_never_back(rig: Rig) -> None:
    trailing = {"distance": points(80), "trigger": points(50), "step": points(10)}
    entry, held = planned(rig, {"trailing": trailing})
    for value, stop in ((45, None), (57, -30), (75, -10), (40, -10), (84, 0)):
        gain(rig, held, value)
        before = Decimal("1.09") if stop is None else held.price + stop * POINT
        assert rig.positions()[0].sl == before
    rig.restart()
    gain(rig, held, 60, 30)
    assert rig.positions()[0].sl == held.price
    assert set(codes(entry)) == {"trailing"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_a_target_closes_its_part_once(rig: Rig, when: str) -> None:
    entry, held = planned(rig, PLAN)
    gain(rig, held, 95)
    rig.die_at("send", when)
    rig.price(str(held.price + 110 * POINT))
    rig.until(lambda: not rig.is_alive)
    rig.restart()
    rig.seconds(40)
    assert rig.positions()[0].lots == Decimal("0.06")
    assert codes(entry).count("target_1") == 1


def test_a_closing_of_which_nobody_knows_is_not_sent_again(rig: Rig) -> None:
    entry, held = planned(rig, PLAN)
    gain(rig, held, 95)
    rig.leave_unsure("close", 10012)
    gain(rig, held, 110, 30)
    assert rig.positions()[0].lots == Decimal("0.06")
    assert codes(entry) == ["break_even", "target_1"]


def test_a_closing_that_is_refused_is_asked_again(rig: Rig) -> None:
    entry, held = planned(rig, PLAN)
    rig.refuse("close", 10018, times=2)
    gain(rig, held, 110, 60)
    assert rig.positions()[0].lots == Decimal("0.06")
    assert "target_1" in codes(entry)


def test_an_amend_that_comes_too_late_does_not_loosen_the_stop(rig: Rig) -> None:
    _, held = planned(rig, PLAN)
    gain(rig, held, 95)
    amend = rig.server.hand_out(
        event="amend", position_ticket=held.id, volume_lots="0", sl="1.09500"
    )
    rig.until(lambda: "rejected" in amend.told)
    assert rig.positions()[0].sl == held.price + 5 * POINT


def test_what_is_left_is_closed_when_its_time_is_over(rig: Rig) -> None:
    entry, _ = planned(rig, {"time_exit_seconds": 60})
    rig.seconds(30)
    assert len(rig.positions()) == 1
    rig.seconds(60)
    assert rig.positions() == []
    rig.seconds(75)
    assert codes(entry) == ["time_exit", "plan_over"]


ODD: dict[str, dict[str, Any]] = {
    "shares": {"plan": {"targets": [target(10, 60), target(20, 41)]}},
    "twice": {"plan": {"targets": [target(10, 20), target(10, 20)]}},
    "miles": {"plan": {"targets": [{"unit": "miles", "value": "1", "share": "5"}]}},
    "nothing": {"plan": {}},
    "no_stop": {"plan": {"trailing": {"distance": points(10)}}, "sl": None},
    "no_distance": {"plan": {"trailing": {}}},
    "beyond": {"plan": {"break_even": {"trigger": points(10), "offset": points(10)}}},
    "two_targets": {"plan": {"targets": [target(10, 20)]}, "tp": "1.2"},
    "of_an_exit": {"plan": PLAN, "event": "exit", "position_ticket": "5"},
}


@pytest.mark.parametrize("terms", ODD.values(), ids=ODD)
def test_a_plan_that_cannot_be_carried_out_is_refused_in_words(
    rig: Rig, terms: dict[str, Any]
) -> None:
    odd = rig.server.hand_out(**terms)
    good = rig.server.hand_out()
    rig.until(lambda: "done" in good.told)
    rig.seconds(2)
    assert odd.told == ["rejected"]
    assert odd.said
    assert len(rig.positions()) == 1
