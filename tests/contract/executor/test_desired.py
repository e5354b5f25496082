"""What the server wants: kill, halt, close; what it does not understand it leaves."""

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Handed


def filled(rig: Rig) -> Handed:
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    return entry


def test_kill_takes_back_what_rests_and_sends_no_entry_that_is_permitted(rig: Rig) -> None:
    filled(rig)
    resting = rig.server.hand_out(order_type="limit", limit_price="1.05000", sl="1.04000")
    rig.until(lambda: "working" in resting.told)
    rig.server.desire("kill")
    rig.seconds(2)
    entry = rig.server.hand_out()
    rig.until(lambda: "cancelled" in resting.told)
    rig.seconds(5)
    assert rig.resting() == []
    assert rig.fills(entry.id) == []
    assert len(rig.positions()) == 1, "what is open stays open"
    rig.server.desired.clear()
    again = rig.server.hand_out()
    rig.until(lambda: "done" in again.told)


def test_exits_pass_while_kill_is_said(rig: Rig) -> None:
    filled(rig)
    (held,) = rig.positions()
    rig.server.desire("kill")
    rig.server.entries_allowed = False
    leave = rig.server.hand_out(event="exit", side="sell", position_ticket=held.id, sl=None)
    rig.until(lambda: "done" in leave.told)
    assert rig.positions() == []


def test_a_kill_that_the_broker_refuses_is_tried_again(rig: Rig) -> None:
    resting = rig.server.hand_out(order_type="limit", limit_price="1.05000", sl="1.04000")
    rig.until(lambda: "working" in resting.told)
    rig.refuse("remove", 10018, times=2)
    rig.server.desire("kill")
    rig.until(lambda: "cancelled" in resting.told)
    assert rig.resting() == []


def test_close_closes_the_position_that_is_named_once(rig: Rig) -> None:
    filled(rig)
    filled(rig)
    first, second = rig.positions()
    rig.server.desire("close", position=first.id)
    rig.until(lambda: len(rig.positions()) == 1)
    rig.seconds(15)
    assert [one.id for one in rig.positions()] == [second.id]
    outs = [one for one in rig.server.deals().values() if one.entry == "out"]
    assert [str(one.position_ticket) for one in outs] == [first.id]


def test_a_close_that_the_broker_refuses_is_tried_again(rig: Rig) -> None:
    filled(rig)
    (held,) = rig.positions()
    rig.refuse("close", 10006, times=2)
    rig.server.desire("close", position=held.id)
    rig.until(lambda: not rig.positions(), 120)


def test_a_position_that_is_not_there_is_not_closed_and_nothing_else_is(rig: Rig) -> None:
    filled(rig)
    rig.server.desire("close", position="99999999")
    rig.seconds(8)
    assert len(rig.positions()) == 1


def test_a_command_that_is_not_known_does_nothing_and_stops_no_other(rig: Rig) -> None:
    entry = filled(rig)
    entry.reports.clear()
    rig.server.desire("scale_out", entry)
    resting = rig.server.hand_out(order_type="limit", limit_price="1.05000", sl="1.04000")
    rig.until(lambda: "working" in resting.told)
    rig.server.desire("cancel", resting)
    rig.until(lambda: "cancelled" in resting.told)
    assert entry.told == []
    assert len(rig.positions()) == 1
