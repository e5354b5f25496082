"""The triple barrier: stop first, net of cost, and no outcome where bars are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.market.barriers import WAIT_MAX, Barriers, LabelBar, Verdict, barrier_verdict

D = Decimal
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUY = Barriers(
    side="buy",
    order_type="market",
    price=D(100),
    stop=D(98),
    target=D(104),
    payoff=D(2),
    cost=D("0.1"),
    start_at=START,
    until=START + 5 * MINUTE,
)
SELL = replace(BUY, side="sell", stop=D(102), target=D(96))


def bar(minute: int, high: object = 101, low: object = 99, **members: object) -> LabelBar:
    open_at = START + MINUTE * minute
    close = D(str(members.get("close", 100)))
    return LabelBar(
        id=minute + 1,
        open_at=open_at,
        close_at=open_at + MINUTE,
        open=D(str(members.get("open", 100))),
        high=D(str(high)),
        low=D(str(low)),
        close=close,
        recorded_at=open_at + MINUTE + timedelta(seconds=1),
    )


def judged(asked: Barriers, *bars: LabelBar, **moments: object) -> Verdict | None:
    facts = {"holes": (), "now": START + 10 * MINUTE, **moments}
    return barrier_verdict(asked, bars, step=MINUTE, **facts)  # type: ignore[arg-type]


def outcome(asked: Barriers, *bars: LabelBar, **moments: object) -> tuple[object, ...]:
    told = judged(asked, *bars, **moments)
    assert told is not None
    return (told.outcome, told.won, told.result)


def test_a_target_reached_first_is_won_net_of_cost() -> None:
    assert outcome(BUY, bar(0), bar(1, high=104)) == ("target", True, D("1.9"))
    assert outcome(SELL, bar(0), bar(1, low=96)) == ("target", True, D("1.9"))


def test_a_stop_reached_first_is_lost() -> None:
    assert outcome(BUY, bar(0), bar(1, low=98), bar(2, high=110)) == ("stop", False, D("-1.1"))
    assert outcome(SELL, bar(0, high=102)) == ("stop", False, D("-1.1"))


@pytest.mark.parametrize("asked", [BUY, SELL])
def test_a_bar_that_touches_both_has_hit_the_stop(asked: Barriers) -> None:
    assert outcome(asked, bar(0, high=110, low=90))[0] == "stop"


def test_time_over_is_not_won_however_far_it_went() -> None:
    bars = [bar(number, close=103) for number in range(6)]
    assert outcome(BUY, *bars) == ("time", False, D("1.4"))


def test_a_win_that_the_cost_eats_is_none() -> None:
    told = judged(replace(BUY, target=D("100.1")), bar(0))
    assert told is not None
    assert (told.outcome, told.won, told.reason) == ("target", False, "cost_exceeds_win")


def test_it_is_known_when_the_last_bar_that_it_rests_on_was_on_record() -> None:
    late = replace(bar(0), recorded_at=START + 9 * MINUTE)
    told = judged(BUY, late, bar(1, high=104))
    assert told is not None
    assert told.known_at == START + 9 * MINUTE
    assert (told.bars, told.last) == (2, bar(1, high=104))


def test_before_a_barrier_is_touched_nobody_knows() -> None:
    assert judged(BUY, bar(0), bar(1), now=START + 2 * MINUTE) is None


def test_bars_before_its_start_and_after_its_time_decide_nothing() -> None:
    before, after = bar(-1, low=90), bar(5, high=110)
    bars = [before, *(bar(number) for number in range(5)), after]
    assert outcome(BUY, *bars)[0] == "time"


def test_a_hole_that_is_owed_leaves_it_unlabelled() -> None:
    hole = [START + MINUTE]
    told = judged(BUY, bar(0), bar(2, high=104), holes=hole)
    assert told is not None
    assert (told.outcome, told.reason, told.won) == ("unlabelled", "bars_missing", None)
    # A hole after the barrier was touched is none of its business.
    assert outcome(BUY, bar(0, high=104), bar(2), holes=hole)[0] == "target"


def test_a_market_that_was_shut_is_no_hole() -> None:
    assert outcome(BUY, bar(0), bar(3, high=104)) == ("target", True, D("1.9"))
    # Shut until after its time: the next bar tells that it was.
    assert outcome(BUY, bar(0, close=101), bar(60)) == ("time", False, D("0.4"))


def test_a_feed_that_never_comes_back_is_waited_for_and_then_given_up() -> None:
    last = START + MINUTE + WAIT_MAX
    assert judged(BUY, bar(0), now=last - MINUTE) is None
    told = judged(BUY, bar(0), now=last)
    assert told is not None
    assert told.reason == "bars_missing"
    none = judged(BUY, now=START + WAIT_MAX)
    assert none is not None
    assert none.reason == "no_bars"


def test_a_limit_is_filled_from_its_better_side_and_wins_from_the_next_bar_on() -> None:
    asked = replace(BUY, order_type="limit", price=D(100))
    above = {"low": 101, "high": 103}
    assert outcome(asked, bar(0, **above), bar(1, high=105, low=100), bar(2, high=104)) == (
        "target",
        True,
        D("1.9"),
    )
    assert judged(asked, *(bar(number, **above) for number in range(6))).reason == "not_filled"


def test_a_stop_order_is_filled_when_the_price_runs_through_its_trigger() -> None:
    asked = replace(BUY, order_type="stop", price=D(100))
    assert outcome(asked, bar(0, high=99, low=97), bar(1), bar(2, high=104))[0] == "target"


def test_without_a_target_the_policys_payoff_counts_and_without_a_price_the_first_open() -> None:
    told = judged(replace(BUY, target=None, price=None), bar(0, open=101), bar(1, high=107))
    assert told is not None
    assert (told.price, told.target, told.won) == (101, 107, True)


def test_no_stop_or_one_on_the_wrong_side_has_no_outcome() -> None:
    assert judged(replace(BUY, stop=None)).reason == "no_stop"
    assert judged(replace(BUY, stop=D(101)), bar(0)).reason == "stop_on_wrong_side"


@given(
    moves=st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 4), st.integers(0, 4)), max_size=8)
)
@settings(deadline=None)
def test_a_later_bar_never_changes_what_was_known(moves: list[tuple[int, int, int]]) -> None:
    bars = [
        bar(number, high=100 + middle + up, low=100 + middle - down, close=100 + middle)
        for number, (middle, up, down) in enumerate(moves)
    ]
    known = [judged(BUY, *bars[:count], now=START + 10 * MINUTE) for count in range(len(bars) + 1)]
    told = [one for one in known if one is not None]
    assert all(one == told[0] for one in told)
