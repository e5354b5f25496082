"""Whatever is traded, and whatever goes wrong: the simulated broker's book adds up."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mql5.host.broker import Truth
from tests.integration.mql5.hosting import NEEDS_COMPILER
from tests.integration.mql5.trading import Desk

pytestmark = NEEDS_COMPILER
LOTS = st.sampled_from(["0.01", "0.05", "0.10", "0.30"])
SIDES = st.sampled_from(["buy", "sell"])
POINTS = st.integers(-60, 60)


@st.composite
def instructions(draw: st.DrawFn) -> str:
    volume, side, points = draw(LOTS), draw(SIDES), draw(POINTS)
    price = "ask" if side == "buy" else "bid"
    stops = draw(st.sampled_from(["", " sl=bid-40", " tp=bid+30", " sl=ask+40"]))
    return draw(
        st.sampled_from(
            [
                f"type={side} volume={volume} filling=ioc{stops}",
                f"type={side} volume={volume} position=@{abs(points) % 3}",
                f"action=closeby position=@0 by=@{abs(points) % 3}",
                f"action=pending type={side}limit price={price}{points:+d} volume={volume}"
                " filling=return",
                f"action=pending type={side}stop price={price}{points:+d} volume={volume}"
                " filling=return time=specified lives=3",
                f"action=sltp position=@0 sl=bid{points:+d}",
                "action=remove order=@0",
            ]
        )
    )


FAULTS = st.sampled_from(
    [
        {"effect": "refuse", "retcode": 10004},
        {"effect": "execute", "retcode": 10012},
        {"effect": "late", "retcode": 10012, "ms": 2500},
        {"effect": "place", "ms": 1500},
        {"effect": "partial", "volume": "0.03"},
        {"effect": "slip", "points": 9},
        {"effect": "lag", "ms": 800},
    ]
)


def signed(deal_or_position: dict[str, str]) -> Decimal:
    volume = Decimal(deal_or_position["volume"])
    return volume if deal_or_position["type"] == "buy" else -volume


def check(truth: Truth) -> None:
    parts = ("profit", "swap", "commission", "fee")
    results = [sum(Decimal(one[part]) for part in parts) for one in truth.deals]
    assert truth.balance == 10_000 + sum(results)
    open_lots: dict[str, Decimal] = defaultdict(Decimal)
    by_order: dict[str, Decimal] = defaultdict(Decimal)
    for one in truth.deals:
        open_lots[one["position"]] += signed(dict(one))
        if one["entry"] != "out_by":
            by_order[one["order"]] += Decimal(one["volume"])
    held = {one["id"]: signed(dict(one)) for one in truth.positions}
    assert {name: lots for name, lots in open_lots.items() if lots} == held
    for order in (*truth.orders, *truth.past):
        if order["type"] != "close_by":
            assert Decimal(order["volume"]) - Decimal(order["left"]) == by_order[order["ticket"]]
    tickets = [one["ticket"] for one in (*truth.orders, *truth.past)]
    assert len(tickets) == len(set(tickets))
    assert set(by_order) <= set(tickets)


@pytest.mark.parametrize("margin_mode", ["retail_hedging", "retail_netting"])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_deals_orders_positions_and_balance_agree(
    broker_program: Path, tmp_path: Path, margin_mode: str, data: st.DataObject
) -> None:
    desk = Desk(broker_program, tmp_path)
    depth = data.draw(st.sampled_from(["0", "0.04"]))
    desk.open({"depth": depth, "fee": "0.7"}, margin_mode=margin_mode, commission="3.5")
    for at, points in enumerate(data.draw(st.lists(POINTS, max_size=8)), 1):
        desk.move(points, at=at + 0.5)
    for fault in data.draw(st.lists(FAULTS, max_size=3)):
        desk.broker.fault("request", skip=data.draw(st.integers(0, 3)), **fault)
    found = desk.run(*data.draw(st.lists(instructions(), min_size=1, max_size=10)), seconds=16)
    assert found.code == 0, found.err
    check(found.truth)
