"""What shall not rest any more is taken back until it is gone; what ends by itself is told."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.contract.executor.resting import rest
from tests.contract.executor.rig import Rig


def test_a_resting_order_is_taken_back_and_told(rig: Rig) -> None:
    order = rest(rig)
    rig.server.desire("cancel", order)
    rig.until(lambda: "cancelled" in order.told)
    assert rig.resting() == []


@pytest.mark.parametrize("code", [10018, 10029, 10006])
def test_a_cancel_that_the_broker_refuses_is_tried_again_until_the_order_ends(
    rig: Rig, code: int
) -> None:
    order = rest(rig)
    rig.refuse("remove", code, times=3)
    rig.server.desire("cancel", order)
    rig.seconds(2)
    assert "cancelled" not in order.told
    rig.until(lambda: "cancelled" in order.told, 120)
    assert rig.resting() == []


def test_a_cancel_of_an_order_that_is_kept_and_not_sent_ends_it(rig: Rig) -> None:
    order = rig.server.hand_out()
    order.is_permitted = False
    rig.until(lambda: "ack" in order.told)
    rig.server.desire("cancel", order)
    rig.until(lambda: "cancelled" in order.told)
    order.reports.clear()
    order.is_permitted = True
    rig.seconds(6)
    assert rig.fills(order.id) == []


def test_a_cancel_that_comes_too_late_says_that_it_was_filled(rig: Rig) -> None:
    order = rest(rig)
    rig.price("1.04900")
    rig.until(lambda: rig.fills(order.id))
    rig.server.desire("cancel", order)
    rig.until(lambda: "done" in order.told)
    assert "cancelled" not in order.told
    assert len(rig.positions()) == 1


def test_an_order_that_rested_before_a_restart_is_taken_back_after_it(rig: Rig) -> None:
    order = rest(rig)
    rig.restart()
    rig.server.desire("cancel", order)
    rig.until(lambda: "cancelled" in order.told)
    assert rig.resting() == []


def test_an_order_of_a_lost_journal_is_still_taken_back(rig: Rig) -> None:
    order = rest(rig)
    rig.restart(without_journal=True)
    rig.server.desire("cancel", order)
    rig.until(lambda: not rig.resting())
    rig.until(lambda: "cancelled" in order.told)


def test_a_resting_order_good_until_a_moment_ends_at_the_broker_and_is_told(rig: Rig) -> None:
    order = rest(rig, tif="gtd", good_until=rig.moment(30), needs_minor=1)
    rig.seconds(20)
    assert len(rig.resting()) == 1
    rig.until(lambda: "expired" in order.told, 60)
    assert rig.resting() == []


def test_a_day_order_ends_with_the_brokers_day_and_is_told(rig_make: Callable[..., Rig]) -> None:
    rig = rig_make(start=datetime(2026, 3, 2, 23, 58, 30, tzinfo=UTC))
    order = rest(rig, tif="day", needs_minor=1)
    rig.until(lambda: rig.now.day == 3, 120)
    rig.until(lambda: "expired" in order.told)
    assert rig.resting() == []


def test_an_order_that_filled_while_nobody_looked_is_told_with_its_deal(rig: Rig) -> None:
    order = rest(rig)
    rig.kill()
    rig.price("1.04900")
    rig.restart()
    rig.until(lambda: "done" in order.told)
    (fill,) = rig.fills(order.id)
    assert fill.ticket in rig.server.deals()
