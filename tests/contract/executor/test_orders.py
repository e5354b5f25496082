"""An order is acknowledged and sent once; what is not understood is refused."""

from typing import Any

import pytest

from execution.wire.fields import API_MINOR
from tests.contract.executor.orders import ABSENT
from tests.contract.executor.rig import Rig
from tests.contract.executor.server import LOST


def test_an_order_is_acknowledged_sent_and_told_with_its_deal(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert entry.told[0] == "ack"
    (fill,) = rig.fills(entry.id)
    rig.until(lambda: fill.ticket in rig.server.deals())
    told = rig.server.deals()[fill.ticket]
    assert (told.magic, told.symbol, told.volume_lots) == (entry.id, "EURUSD", fill.lots)
    assert str(told.position_ticket) == rig.positions()[0].id


def test_an_order_that_is_served_again_and_again_is_sent_once(rig: Rig) -> None:
    entry = rig.server.hand_out()
    entry.is_permitted = False
    for _ in range(20):
        rig.seconds(0.5)
        entry.is_served = True
    assert [one.kind for one in entry.reports] == ["ack"]
    entry.is_permitted = True
    for _ in range(20):
        rig.seconds(0.5)
        entry.is_served = True
    assert len(rig.fills(entry.id)) == 1
    assert [one.kind for one in entry.reports] == ["ack", "done"]


def test_an_order_that_one_answer_lists_twice_is_sent_once(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.server.orders.append(entry)
    rig.seconds(8)
    assert len(rig.fills(entry.id)) == 1


def test_a_lost_answer_is_served_again_and_the_order_sent_once(rig: Rig) -> None:
    rig.server.bend("poll", LOST, times=2)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_an_order_above_its_minor_is_refused_in_words_and_spoils_no_other(rig: Rig) -> None:
    beyond = rig.server.hand_out(needs_minor=API_MINOR + 1, event="scale_out", plan={"steps": [1]})
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert beyond.told == ["rejected"]
    assert f"needs minor {API_MINOR + 1}" in beyond.said
    assert rig.fills(beyond.id) == []


ODD: list[dict[str, Any]] = [
    {"event": "open"},
    {"side": "long"},
    {"order_type": "iceberg"},
    {"order_type": "limit"},
    {"limit_price": "1.05000"},
    {"volume_lots": "0"},
    {"volume_lots": "-0.10"},
    {"volume_lots": 0.1},
    {"volume_lots": "1e3"},
    {"sl": 1.09},
    {"sl": "1.0900000000001"},
    {"sl_distance": {"unit": "points", "value": "50"}},
    {"tp_distance": {"unit": "miles", "value": "1"}},
    {"tif": "gtx"},
    {"tif": "gtd", "order_type": "limit", "limit_price": "1.08000", "sl": "1.07000"},
    {"position_ticket": "12"},
    {"valid_until": "soon"},
    {"deviation_points": "5"},
    {"side": ABSENT},
]


@pytest.mark.parametrize("terms", ODD, ids=lambda one: "-".join(one))
def test_an_order_that_is_not_understood_whole_is_refused_and_never_sent(
    rig: Rig, terms: dict[str, Any]
) -> None:
    odd = rig.server.hand_out(**terms)
    good = rig.server.hand_out()
    rig.until(lambda: "done" in good.told)
    rig.seconds(2)
    assert [one.kind for one in odd.reports] == ["rejected"], "told once"
    assert odd.said
    assert len(rig.deals()) == 2, "the deposit and the good order"


def test_an_order_that_was_acknowledged_is_known_after_a_crash(rig: Rig) -> None:
    """So it was on the disk before that was told: the server serves it no more."""
    entry = rig.server.hand_out(event="entry")
    entry.is_permitted = False
    rig.die_at('"ack"', "after")
    rig.until(lambda: not rig.is_alive)
    assert entry.told == ["ack"]
    rig.restart()
    entry.is_permitted = True
    rig.until(lambda: len(entry.told) > 1, 30)
    assert set(entry.told) <= {"ack", "never_sent", "done"}
    assert len(rig.fills(entry.id)) == ("done" in entry.told)


def test_a_crash_before_the_acknowledgement_leaves_one_trade(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.die_at('"ack"', "before")
    rig.until(lambda: not rig.is_alive)
    assert entry.told == []
    rig.restart()
    rig.until(lambda: {"done", "never_sent"} & set(entry.told))
    assert len(rig.fills(entry.id)) <= 1


def test_a_crash_after_the_broker_took_it_leaves_one_trade_that_is_told(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.die_at("send", "after")
    rig.until(lambda: not rig.is_alive)
    rig.restart()
    rig.until(lambda: "done" in entry.told)
    rig.seconds(10)
    assert len(rig.fills(entry.id)) == 1


def test_a_crash_before_the_broker_heard_of_it_leaves_no_second_trade(rig: Rig) -> None:
    """Whether it was sent nobody knows: that is said, and it is not tried again."""
    entry = rig.server.hand_out()
    rig.die_at("send", "before")
    rig.until(lambda: not rig.is_alive)
    rig.restart()
    rig.until(lambda: "unknown" in entry.told)
    rig.server.desire("lookup", entry)
    rig.until(lambda: "lookup_absent" in entry.told)
    assert rig.fills(entry.id) == []
    assert "never_sent" not in entry.told


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted"])
def test_what_was_done_is_not_done_again_under_a_later_fence(rig: Rig, restarts: bool) -> None:
    """A server restored from an older dump hands it out anew."""
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    if restarts:
        rig.restart()
    entry.hand_out_again()
    rig.until(lambda: entry.is_over)
    rig.seconds(10)
    assert len(rig.fills(entry.id)) == 1
    assert "never_sent" not in entry.told


def test_an_exit_closes_what_is_open_by_the_positions_identifier(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    leave = rig.server.hand_out(event="exit", side="sell", position_ticket=held.id, sl=None)
    leave.is_permitted = False
    rig.until(lambda: "done" in leave.told)
    assert rig.positions() == []
    (deal,) = [one for one in rig.server.deals().values() if one.magic == leave.id]
    assert (deal.entry, str(deal.position_ticket)) == ("out", held.id)


def test_a_partial_exit_leaves_the_rest_open(rig: Rig) -> None:
    entry = rig.server.hand_out(volume_lots="0.30")
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    terms = {"side": "sell", "position_ticket": held.id, "sl": None, "volume_lots": "0.10"}
    part = rig.server.hand_out(event="partial_exit", **terms)
    rig.until(lambda: "done" in part.told)
    (left,) = rig.positions()
    assert (left.id, str(left.lots)) == (held.id, "0.2")


def test_an_amend_sets_stop_and_target_of_the_position(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    terms = {"position_ticket": held.id, "sl": "1.09500", "tp": "1.20000"}
    amend = rig.server.hand_out(event="amend", volume_lots="0", **terms)
    rig.until(lambda: "done" in amend.told)
    (after,) = rig.positions()
    assert (str(after.sl), str(after.tp)) == ("1.095", "1.2")


def test_an_exit_that_the_market_refuses_for_a_while_is_done_in_the_end(rig: Rig) -> None:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    (held,) = rig.positions()
    rig.refuse("close", 10018, times=2)
    leave = rig.server.hand_out(event="exit", side="sell", position_ticket=held.id, sl=None)
    rig.until(lambda: "done" in leave.told, 120)
    assert rig.positions() == []
