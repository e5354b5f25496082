"""Resting orders: kinds, lifetimes, fills in part, cancels, and what befalls them meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Position
from execution.services.staging import decision_stage
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_a_limit_order_rests_and_is_filled_with_its_stop(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000")
    bench.until(lambda: bench.state(order) == "working")
    assert len(bench.truth().orders) == 1
    bench.price("1.09480")
    bench.filled(order)
    bench.end()


def test_a_resting_order_good_till_a_moment_ends_at_the_broker_and_here(bench: Bench) -> None:
    until = bench.now + timedelta(seconds=30)
    order = bench.stage(order_type="limit", limit_price="1.05000", tif="gtd", good_until=until)
    bench.until(lambda: bench.state(order) == "working")
    (resting,) = bench.truth().orders
    assert resting["time_type"] == "specified"
    bench.seconds(35)
    assert bench.state(order) == "expired"
    assert bench.truth().orders == []
    bench.check()


def test_a_cancel_takes_a_resting_order_back(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(order) == "cancelled")
    assert bench.truth().orders == []
    bench.check()


def test_a_cancel_that_the_broker_refuses_is_tried_again(bench: Bench) -> None:
    order = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.broker.fault("request", match="remove", effect="refuse", retcode=10029, times=3)
    decision_stage(decision_id=bench.desk.decide("cancel", side="any").id)
    bench.until(lambda: bench.state(order) == "cancelled")
    assert bench.truth().orders == []
    bench.check()
