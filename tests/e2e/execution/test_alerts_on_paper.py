"""Whole trades on paper, hedging and netting: pyramids, halves, reversals, ids that repeat."""

from decimal import Decimal
from typing import Any

import pytest

from execution.models import Order, Position
from execution.paper.numbers import utc_now
from tests.builders.paper_road import PaperRoad

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """How long the database takes on a busy machine is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture(params=["hedging", "netting"])
def road(request, live_url, tmp_path, run_handlers):
    made = PaperRoad(live_url, tmp_path, run_handlers, margin_mode=request.param)
    made.steps(3)
    yield made
    made.close()


def message(**members: Any) -> dict[str, Any]:
    """One alert at this very moment; an entry has its stop and its price."""
    stop = {"sl_pips": 50, "price": "1.10000"}
    opens = members.get("action") in ("buy", "sell", "reverse")
    return {
        "symbol": "EURUSD",
        "timenow": utc_now().isoformat(),
        **(stop if opens else {}),
        **members,
    }


def lots(road: PaperRoad) -> list[Decimal]:
    return [Decimal(one["volume"]) for one in road.broker.positions()]


def assert_all_is_closed(road: PaperRoad) -> None:
    assert road.broker.positions() == []
    assert not Position.objects.filter(closed_at=None).exists()
    assert not Order.objects.exclude(
        state__in=["filled", "done", "rejected", "cancelled", "expired"]
    ).exists()


def test_three_entries_made_the_position_and_one_flat_closes_all_of_it(road: PaperRoad) -> None:
    held = []
    for _ in range(3):
        road.told(message(action="buy", lots="0.04"))
        held.append(road.net_lots())
    orders = list(Order.objects.values_list("verb", "state", "reason"))
    assert held == [Decimal("0.04"), Decimal("0.08"), Decimal("0.12")], orders
    road.told(message(action="flat"))
    assert_all_is_closed(road)


def test_half_of_a_pyramid_is_half_of_the_whole_and_a_flat_the_rest(road: PaperRoad) -> None:
    for size in ("0.04", "0.06"):
        road.told(message(action="buy", lots=size))
    road.told(message(action="close", close_pct=50))
    assert road.net_lots() == Decimal("0.05")
    road.told(message(action="close", lots="0.02"))
    assert road.net_lots() == Decimal("0.03")
    road.told(message(action="flat"))
    assert_all_is_closed(road)


def test_a_reversal_closes_all_that_is_open_and_turns_around(road: PaperRoad) -> None:
    for _ in range(2):
        road.told(message(action="buy", lots="0.04"))
    road.told(message(action="reverse", side="sell", lots="0.04"))
    assert road.net_lots() == Decimal("-0.04")
    assert len(lots(road)) == 1
    road.told(message(action="close"))
    assert_all_is_closed(road)


def test_ids_that_repeat_lose_nothing_over_three_round_trips(road: PaperRoad) -> None:
    for _ in range(3):
        road.told(message(id="Long", action="buy", lots="0.04", market_position="long"))
        assert road.net_lots() == Decimal("0.04")
        road.told(message(id="Close Long", action="sell", market_position="flat"))
        assert_all_is_closed(road)
    assert Position.objects.count() == 3
