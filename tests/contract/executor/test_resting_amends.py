"""An entry that rests gets other prices: it is modified where it rests, once and whole."""

from decimal import Decimal

import pytest

from tests.contract.executor.resting import rest
from tests.contract.executor.rig import POINT, Resting, Rig
from tests.contract.executor.server import Handed

MOVED = {"limit_price": "1.06000", "sl": "1.05500"}


def amend(rig: Rig, entry: Handed, **prices: object) -> Handed:
    """An amend that names all prices which the entry has from now on."""
    terms = {
        "event": "amend",
        "order_type": entry.terms["order_type"],
        "volume_lots": "0",
        "target_order_id": str(entry.id),
        "needs_minor": 3,
        "sl": None,
    }
    return rig.server.hand_out(**{**terms, **prices})


def only(rig: Rig, entry: Handed) -> Resting:
    (one,) = rig.resting()
    assert one.magic == str(entry.id), "it keeps its number"
    return one


def test_a_limit_order_is_moved_with_its_stop_and_target_and_fills_with_them(rig: Rig) -> None:
    entry = rest(rig, tp="1.20000")
    change = amend(rig, entry, **MOVED, tp="1.15000")
    rig.until(lambda: "done" in change.told)
    one = only(rig, entry)
    assert (one.price, one.sl, one.tp) == (Decimal("1.06"), Decimal("1.055"), Decimal("1.15"))
    rig.price("1.05950")
    rig.until(lambda: "done" in entry.told)
    rig.seconds(5)
    (held,) = rig.positions()
    assert (held.sl, held.tp) == (Decimal("1.055"), Decimal("1.15"))
    assert len(rig.fills(entry.id)) == 1
    assert rig.fills(change.id) == []


def test_a_stop_order_is_moved_by_its_stop_price(rig: Rig) -> None:
    prices = {"order_type": "stop", "limit_price": None, "stop_price": "1.11000"}
    entry = rig.server.hand_out(**prices, sl="1.10500")
    rig.until(lambda: "working" in entry.told)
    change = amend(rig, entry, stop_price="1.10800", sl="1.10400")
    rig.until(lambda: "done" in change.told)
    one = only(rig, entry)
    assert (one.kind, one.price, one.sl) == ("stop", Decimal("1.108"), Decimal("1.104"))


def test_a_stop_or_target_that_is_not_named_is_none(rig: Rig) -> None:
    entry = rest(rig, tp="1.20000")
    change = amend(rig, entry, limit_price="1.05000", sl="1.04500")
    rig.until(lambda: "done" in change.told)
    one = only(rig, entry)
    assert (one.price, one.sl, one.tp) == (Decimal("1.05"), Decimal("1.045"), None)


def test_its_end_stays(rig: Rig) -> None:
    entry = rest(rig, tif="gtd", good_until=rig.moment(40), needs_minor=1)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: "done" in change.told)
    rig.until(lambda: "expired" in entry.told, 80)
    assert rig.resting() == []


def test_a_stop_that_counts_from_the_fill_does_so_after_the_amend_and_a_restart(rig: Rig) -> None:
    entry = rest(rig, sl=None, sl_distance={"unit": "points", "value": "900"}, needs_minor=1)
    change = amend(
        rig, entry, limit_price="1.06000", sl_distance={"unit": "points", "value": "500"}
    )
    rig.until(lambda: "done" in change.told)
    assert only(rig, entry).sl == Decimal("1.055"), "it is never without one"
    rig.restart()
    rig.price("1.05900")
    rig.until(lambda: "done" in entry.told)
    rig.seconds(10)
    (held,) = rig.positions()
    assert held.sl is not None
    assert held.price < Decimal("1.06")
    assert held.price - held.sl == 500 * POINT


@pytest.mark.parametrize("code", [10004, 10018, 10029])
def test_one_that_the_broker_refuses_for_a_while_is_done_in_the_end(rig: Rig, code: int) -> None:
    entry = rest(rig)
    rig.refuse("amend", code, times=2)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: "done" in change.told, 180)
    assert only(rig, entry).price == Decimal("1.06")


def test_one_that_the_broker_refuses_for_good_is_told_and_changes_nothing(rig: Rig) -> None:
    entry = rest(rig)
    rig.refuse("amend", 10013)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: change.is_over)
    assert change.told[-1] == "rejected"
    assert [one.retcode for one in change.reports if one.kind == "rejected"] == [10013]
    assert only(rig, entry).price == Decimal("1.05")


def test_one_of_which_nobody_knows_whether_it_was_done_is_settled(rig: Rig) -> None:
    entry = rest(rig)
    rig.leave_unsure("amend", 10012)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: "done" in change.told, 120)
    one = only(rig, entry)
    assert (one.price, one.sl) == (Decimal("1.06"), Decimal("1.055"))


def test_one_whose_entry_was_filled_meanwhile_is_refused_and_touches_no_position(rig: Rig) -> None:
    entry = rest(rig)
    rig.price("1.04900")
    rig.until(lambda: "done" in entry.told)
    (before,) = rig.positions()
    change = amend(rig, entry, limit_price="1.04800", sl="1.04500")
    rig.until(lambda: change.is_over, 120)
    assert change.told[-1] == "rejected"
    assert rig.positions() == [before]
    assert rig.resting() == []


def test_prices_on_the_wrong_side_of_the_market_are_refused(rig: Rig) -> None:
    entry = rest(rig)
    change = amend(rig, entry, limit_price="1.20000", sl="1.19000")
    rig.until(lambda: change.is_over, 120)
    assert change.told[-1] == "rejected"
    assert only(rig, entry).price == Decimal("1.05")


def test_it_needs_no_permit(rig: Rig) -> None:
    """It never risks more than the entry does; what it moves is judged by the server."""
    entry = rest(rig)
    rig.server.entries_allowed = False
    change = amend(rig, entry, limit_price="1.05000", sl="1.04500")
    change.is_permitted = False
    rig.until(lambda: "done" in change.told)
    assert only(rig, entry).sl == Decimal("1.045")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_beside_the_broker_leaves_it_done_or_asked_about(rig: Rig, when: str) -> None:
    entry = rest(rig)
    rig.die_at("send", when)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: not rig.is_alive)
    rig.restart()
    rig.until(lambda: change.is_over, 120)
    one = only(rig, entry)
    assert (one.price == Decimal("1.06")) == ("done" in change.told)
    rig.server.desire("cancel", entry)
    rig.until(lambda: "cancelled" in entry.told)


def test_one_that_is_served_again_under_a_later_fence_ends_alike(rig: Rig) -> None:
    entry = rest(rig)
    change = amend(rig, entry, **MOVED)
    rig.until(lambda: "done" in change.told)
    change.hand_out_again()
    rig.until(lambda: change.is_over)
    assert only(rig, entry).price == Decimal("1.06")
    assert "never_sent" not in change.told


@pytest.mark.parametrize(
    "bent",
    [
        {"event": "exit", "order_type": "market", "limit_price": None},
        {"position_ticket": "12"},
        {"sl": "1.05500", "sl_distance": {"unit": "points", "value": "500"}},
    ],
    ids=["exit", "position", "two-stops"],
)
def test_one_that_is_not_understood_whole_is_refused(rig: Rig, bent: dict[str, object]) -> None:
    entry = rest(rig)
    change = amend(rig, entry, **{**MOVED, **bent})
    rig.until(lambda: "rejected" in change.told)
    assert change.said
    assert only(rig, entry).price == Decimal("1.05")
