"""A plan after its fill, at the simulated broker: each step's price and lots, by another model."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.paper.requests import order_fault
from execution.paper.terms import MODIFY, TradeRequest
from execution.rules.plans import (
    Filled,
    Held,
    LotScale,
    PlanState,
    plan_step,
    target_lots,
)
from execution.wire import body_of
from execution.wire.answers import LeasedOrder
from execution.wire.plans import Plan
from tests.unit.execution.plan_desk import LOTS, NUMBER, OPEN, POINT, PRICES, D, Desk, away, plan_of
from tests.unit.execution.plan_model import Asked, parts_of, run


@pytest.fixture
def desk(tmp_path):
    made = []

    def make(**fields):
        made.append(Desk(tmp_path / str(len(made)), **fields))
        return made[-1]

    yield make
    for one in made:
        one.stop()


THREE = Asked(
    lots=10,
    stop=-300,
    targets=[(100, 33), (200, 33), (300, 34)],
    trailing=(80, 150, 20),
    even=(90, 5),
)
PATH = [10, 95, 60, 110, 130, 155, 180, 175, 205, 250, 240, 230, 290, 310]


@pytest.mark.parametrize("margin_mode", ["hedging", "netting"])
@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("restart_at", [None, 2, 4, 9])
def test_three_targets_a_trailing_stop_and_break_even_go_as_planned(
    desk, side, margin_mode, restart_at
):
    one = desk(side=side, margin_mode=margin_mode)
    one.enter(THREE.lots, THREE.stop, plan_of(THREE))
    stops = []
    for number, price in enumerate(PATH):
        if number == restart_at:
            one.restart()
        one.move(price)
        stops.append(one.stop_points)
        if one.position is None:
            break
    expected = run(THREE, [0, *PATH])
    assert one.closes == expected.closes == [(110, 3), (205, 3), (300, 4)]
    assert stops[: len(expected.stops) - 1] == expected.stops[1:]
    assert one.told[0] == "break_even"
    assert one.told.count("target_1") == one.told.count("target_2") == 1
    assert one.told[-1] == "plan_over"


def test_the_remainder_stays_under_a_stop_that_is_never_loosened(desk):
    asked = Asked(lots=10, stop=-100, targets=[(50, 50)], even=(60, 0))
    one = desk()
    one.enter(asked.lots, asked.stop, plan_of(asked))
    stops = []
    for price in (40, 55, 70, 30, 65, 20):
        one.move(price)
        stops.append(one.stop_points)
    assert stops == sorted(stops)
    assert one.position["volume"] == "0.05"
    assert stops[-1] == 0


def test_an_amend_that_came_too_late_does_not_loosen_what_the_plan_has_tightened(desk):
    asked = Asked(lots=10, stop=-100, even=(60, 10))
    one = desk()
    one.enter(asked.lots, asked.stop, plan_of(asked))
    one.move(80)
    ticket = one.position["ticket"]
    amend = body_of(
        LeasedOrder,
        order_id="8",
        fence=1,
        event="amend",
        broker_symbol="EURUSD",
        side="buy",
        order_type="market",
        volume_lots="0",
        limit_price=None,
        stop_price=None,
        sl=str(OPEN - 50 * POINT),
        tp=None,
        position_ticket=str(ticket),
        trace_id="a" * 32,
        valid_until=None,
        lease_until="2026-03-02T12:00:10.000Z",
    )
    one.executor.orders.receive(amend)
    one.executor.orders.act_all()
    assert one.stop_points == 10
    assert one.journal.order(8).told == "rejected"


def test_a_further_part_of_the_fill_does_not_set_the_stop_back(desk):
    asked = Asked(lots=10, stop=-100, even=(60, 10))
    one = desk()
    one.enter(asked.lots, asked.stop, plan_of(asked))
    one.move(80)
    with one.journal.changing():
        one.journal.guard_put(one.position["ticket"], NUMBER)
    asked = []
    send = one.broker.send
    one.broker.send = lambda request: asked.append(request.sl) or send(request)
    one.look()
    assert one.stop_points == 10
    assert asked == []


def test_what_fills_after_a_target_has_those_that_are_still_to_come():
    plan = body_of(Plan, **plan_of(Asked(10, -100, [(50, 50), (90, 20)])))
    state, closed = PlanState(), D(0)
    for points, lots, due in ((60, "0.04", "0.02"), (10, "0.10", "0"), (95, "0.10", "0.05")):
        filled = Filled("buy", OPEN, D(lots))
        step = plan_step(
            plan=plan,
            filled=filled,
            held=Held(
                price=OPEN + points * POINT,
                open_lots=filled.lots - closed,
                closed_lots=closed,
                stop=OPEN - 100 * POINT,
                target=None,
                seconds=D(0),
            ),
            state=state,
            prices=PRICES,
            lots=LOTS,
        )
        assert step.close_lots == D(due)
        state, closed = step.state, closed + step.close_lots


def test_what_is_left_is_closed_when_its_time_is_over(desk):
    one = desk()
    one.enter(10, -100, {"time_exit_seconds": 60})
    one.move(10)
    assert one.closes == []
    one.at += timedelta(seconds=60)
    one.look()
    assert one.closes == [(10, 10)]
    assert one.told == ["time_exit", "plan_over"]


def test_a_closing_that_the_broker_took_without_saying_so_is_not_sent_again(desk):
    one = desk()
    one.enter(10, -100, plan_of(Asked(10, -100, [(50, 40)])))
    send = one.broker.send
    one.broker.send = lambda request: replace(send(request), retcode=10012)
    one.move(60)
    assert one.closes == [(60, 4)]
    assert one.told == ["target_1"]


def test_a_closing_that_was_refused_is_asked_again(desk):
    one = desk()
    one.enter(10, -100, plan_of(Asked(10, -100, [(50, 40)])))
    send = one.broker.send
    one.broker.send = lambda request: replace(send(TradeRequest(MODIFY, 0, "", "")), retcode=10018)
    one.move(60)
    assert one.closes == []
    one.broker.send = send
    one.move(40)
    assert one.closes == [(40, 4)]


def test_a_position_whose_stop_was_passed_before_it_was_set_is_closed(desk):
    one = desk()
    one.enter(10, -100, plan_of(Asked(10, -100, even=(60, 10))))
    send = one.broker.send
    one.broker.send = lambda request: replace(send(TradeRequest(MODIFY, 0, "", "")), retcode=10018)
    one.move(70)
    one.broker.send = send
    one.move(5)
    assert one.closes == [(5, 10)]


def test_the_broker_knows_the_last_target_of_the_whole(desk):
    one = desk()
    one.enter(10, -100, plan_of(Asked(10, -100, [(50, 40), (90, 60)])))
    assert one.points(one.position["tp"]) == 90
    one.price = OPEN + 100 * POINT
    one.broker.tick()
    assert one.closes == [(90, 10)]


def test_shares_are_floored_and_nothing_below_the_least_lot_is_closed_or_left():
    plan = body_of(Plan, **plan_of(Asked(10, -1, [(10, 33), (20, 33), (30, 34)])))
    assert target_lots(plan, D("0.10"), LOTS) == (D("0.03"), D("0.03"), D("0.04"))
    assert target_lots(plan, D("0.02"), LOTS) == (D(0), D(0), D("0.02"))
    part = body_of(Plan, **plan_of(Asked(10, -1, [(10, 50)])))
    assert target_lots(part, D("0.03"), LOTS) == (D("0.01"),)
    coarse = LotScale(D("0.01"), D("0.10"))
    assert target_lots(part, D("0.15"), coarse) == (D(0),)
    assert target_lots(part, D("0.25"), coarse) == (D("0.12"),)
    most = body_of(Plan, **plan_of(Asked(10, -1, [(10, 90)])))
    assert target_lots(most, D("0.25"), coarse) == (D("0.15"),)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"targets": [{**away(10), "share": "60"}, {**away(20), "share": "41"}]}, "above 100"),
        ({"targets": [{**away(20), "share": "6"}, {**away(20), "share": "4"}]}, "in their order"),
        ({"break_even": {"trigger": away(10), "offset": away(10)}}, "beyond its trigger"),
        ({}, "asks for nothing"),
    ],
)
def test_an_executor_refuses_a_plan_that_it_cannot_carry_out(plan, why):
    order = body_of(
        LeasedOrder,
        order_id="7",
        fence=1,
        event="entry",
        broker_symbol="EURUSD",
        side="buy",
        order_type="market",
        volume_lots="0.10",
        limit_price=None,
        stop_price=None,
        sl="1.09",
        tp=None,
        position_ticket="0",
        trace_id="a" * 32,
        valid_until=None,
        lease_until="2026-03-02T12:00:10.000Z",
        plan=plan,
    )
    assert why in order_fault(order)
    bare = body_of(
        LeasedOrder,
        **{name: getattr(order, name) for name in ("fence", "event", "broker_symbol", "side")},
        order_id="7",
        order_type="market",
        volume_lots="0.10",
        limit_price=None,
        stop_price=None,
        sl=None,
        tp=None,
        position_ticket="0",
        trace_id="a" * 32,
        valid_until=None,
        lease_until="2026-03-02T12:00:10.000Z",
        plan={"trailing": {"distance": away(10)}},
    )
    assert "needs a stop" in order_fault(bare)


_shares = st.lists(st.integers(5, 60), max_size=5)
_asked = st.builds(
    Asked,
    lots=st.integers(1, 60),
    stop=st.integers(-300, -20),
    targets=st.tuples(
        st.lists(st.integers(5, 400), max_size=5, unique=True).map(sorted), _shares
    ).map(lambda two: [(at, share) for at, share in zip(*two, strict=False)]),
    trailing=st.none() | st.tuples(st.integers(30, 200), st.integers(0, 100), st.integers(1, 30)),
    even=st.none() | st.tuples(st.integers(20, 100), st.integers(0, 19)),
).filter(
    lambda one: (
        sum(share for _, share in one.targets) <= 100 and (one.targets or one.trailing or one.even)
    )
)
_paths = st.lists(st.integers(-350, 450), min_size=1, max_size=12)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_asked, _paths, st.sampled_from(["buy", "sell"]), st.booleans(), st.integers(0, 12))
def test_any_plan_on_any_path_goes_as_the_model_says(
    tmp_path_factory, asked, path, side, is_netting, restart_at
):
    margin_mode = "netting" if is_netting else "hedging"
    one = Desk(tmp_path_factory.mktemp("plan"), side=side, margin_mode=margin_mode)
    try:
        one.enter(asked.lots, asked.stop, plan_of(asked))
        expected = run(asked, [0, *path])
        stops = [one.stop_points]
        for number, price in enumerate(path):
            if one.position is None:
                break
            if number == restart_at:
                one.restart()
            one.move(price)
            if one.position is not None:
                stops.append(one.stop_points)
        assert one.closes == expected.closes
        assert stops == [stop for stop in expected.stops if stop is not None]
        left = 0 if one.position is None else int(D(one.position["volume"]) * 100)
        assert left == expected.left
    finally:
        one.stop()


@given(_asked, st.lists(st.integers(-350, 450), min_size=1, max_size=30))
def test_a_stop_is_never_loosened_and_no_more_is_closed_than_was_said(asked, path):
    plan = body_of(Plan, **plan_of(asked))
    filled = Filled("buy", OPEN, D(asked.lots) / 100)
    state, stop, closed = PlanState(), OPEN + asked.stop * POINT, D(0)
    for price in path:
        held = Held(
            price=OPEN + price * POINT,
            open_lots=filled.lots - closed,
            closed_lots=closed,
            stop=stop,
            target=None,
            seconds=D(0),
        )
        if not held.open_lots:
            break
        step = plan_step(plan=plan, filled=filled, held=held, state=state, prices=PRICES, lots=LOTS)
        assert step.state.reached >= state.reached
        assert step.state.trailed >= state.trailed
        if step.stop is not None:
            assert step.stop >= stop
            assert step.stop < held.price
            stop = step.stop
        closed += step.close_lots
        state = step.state
        if step.close_why != "stop_passed":
            assert closed * 100 <= sum(parts_of(asked)[: state.reached])
