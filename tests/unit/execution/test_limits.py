"""Limits: which is the stricter, what each is held against, and what it leaves for an order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.risk.figures import Desk, Money, QuoteFacts, Standing, figures
from execution.risk.limits import (
    LIMITS,
    LIVE_REQUIRED,
    Bound,
    Scope,
    is_looser,
    missing_of_live,
    strictest,
)
from execution.risk.rooms import open_lots_room, room_bounds

# A Monday, 14:30.
AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
MONEY = Money(
    equity=Decimal(9_500),
    equity_at=AT - timedelta(seconds=7),
    margin=Decimal(1_900),
    day_first=Decimal(10_000),
    day_loss=Decimal(500),
    highest=Decimal(12_500),
    drawdown=Decimal(2_500),
)
DESK = Desk(
    at=AT,
    standing={
        Scope.ACCOUNT: Standing(
            lots=Decimal(3),
            notional=Decimal(19_000),
            risk_money=Decimal(190),
            positions=4,
            entries_last_minute=9,
            rejects_last_minute=2,
            losses=3,
            lost_at=AT - timedelta(seconds=40),
        ),
        Scope.STRATEGY: Standing(positions=1, losses=1, lost_at=AT - timedelta(seconds=40)),
    },
    money=MONEY,
    quote=QuoteFacts(Decimal("1.0999"), Decimal("1.1001"), AT - timedelta(seconds=3)),
    alert_price=Decimal("1.0890"),
    same_order_at=AT - timedelta(seconds=4),
)
# limit: what the desk above has of it.
MEASURED = {
    "margin_level_pct_min": "500",
    "open_positions_max": "5",
    "entries_per_minute_max": "10",
    "rejects_per_minute_max": "2",
    "daily_loss_pct_max": "5",
    "drawdown_pct_max": "20",
    "price_drift_bps_max": "100",
    "quote_age_seconds_max": "3",
    "equity_age_seconds_max": "7",
    "session_from_minute_min": "870",
    "session_until_minute_max": "870",
    "weekend_minutes_min": str(5 * 1440 - 870),
    "same_order_seconds_min": "4",
}


def bound(limit: str, value: str | Decimal, scope: Scope = Scope.ACCOUNT) -> Bound:
    return Bound(limit, scope, Decimal(value))


def broken(desk: Desk, *bounds: Bound) -> list[bool]:
    return [one.is_broken for one in figures(desk, bounds)]


@pytest.mark.parametrize(("limit", "value"), MEASURED.items())
def test_what_stands_at_the_bound_passes_and_beyond_it_does_not(limit, value) -> None:
    (figure,) = figures(DESK, [bound(limit, value)])
    assert figure.value == Decimal(value)
    assert not figure.is_broken
    step = Decimal("0.5") if limit.endswith("_min") else Decimal("-0.5")
    assert broken(DESK, bound(limit, Decimal(value) + step)) == [True]


def test_a_spread_is_measured_in_basis_points_of_the_middle() -> None:
    (figure,) = figures(DESK, [bound("spread_bps_max", 2)])
    assert figure.value.quantize(Decimal("0.001")) == Decimal("1.818")
    assert broken(DESK, bound("spread_bps_max", "1.8")) == [True]


def test_a_limit_is_held_against_what_its_own_scope_has() -> None:
    both = bound("open_positions_max", 4), bound("open_positions_max", 2, Scope.STRATEGY)
    assert broken(DESK, *both) == [True, False]
    assert broken(DESK, bound("open_positions_max", 1, Scope.STRATEGY)) == [True]
    assert broken(DESK, bound("open_positions_max", 4, Scope.ALL)) == [True]


def test_it_cools_off_after_as_many_losses_as_its_scope_allows() -> None:
    pause = bound("cool_off_seconds_min", 60)
    assert broken(DESK, pause) == []
    assert broken(DESK, pause, bound("losses_in_row_max", 3)) == [True]
    assert broken(DESK, pause, bound("losses_in_row_max", 4)) == []
    assert broken(DESK, bound("cool_off_seconds_min", 40), bound("losses_in_row_max", 3)) == [False]
    other = bound("cool_off_seconds_min", 60, Scope.STRATEGY)
    assert broken(DESK, other, bound("losses_in_row_max", 2, Scope.STRATEGY)) == []


@pytest.mark.parametrize(
    ("day", "is_refused"), [(2, False), (6, False), (7, True), (8, True), (9, False)]
)
def test_no_entry_shortly_before_the_brokers_weekend_nor_on_it(day, is_refused) -> None:
    at = AT.replace(day=day)
    assert broken(Desk(at=at), bound("weekend_minutes_min", 60)) == [is_refused]
    late = datetime(2026, 3, 6, 23, 1, tzinfo=UTC)
    assert broken(Desk(at=late), bound("weekend_minutes_min", 60)) == [True]


def test_times_are_those_of_the_brokers_clock() -> None:
    east = replace(DESK, broker_offset_seconds=2 * 3600)
    (figure,) = figures(east, [bound("session_until_minute_max", 990)])
    assert figure.value == 990
    friday = Desk(at=datetime(2026, 3, 6, 22, 30, tzinfo=UTC), broker_offset_seconds=7200)
    assert broken(friday, bound("weekend_minutes_min", 0)) == [True]


def test_what_is_not_known_is_said_so_and_what_cannot_be_is_left_out() -> None:
    empty = Desk(at=AT)
    unknown = ("daily_loss_pct_max", "drawdown_pct_max", "equity_age_seconds_max", "spread_bps_max")
    for limit in unknown:
        (figure,) = figures(empty, [bound(limit, 1)])
        assert (figure.value, figure.is_broken) == (None, False)
    nothing = ("price_drift_bps_max", "quote_age_seconds_max", "same_order_seconds_min")
    assert figures(empty, [bound(limit, 1) for limit in nothing]) == ()
    no_margin = replace(DESK, money=replace(MONEY, margin=Decimal(0)))
    assert figures(no_margin, [bound("margin_level_pct_min", 100)]) == ()


def test_an_account_that_has_lost_all_is_beyond_any_limit_of_losses() -> None:
    ruined = Money(equity=Decimal(0), day_first=Decimal(0), day_loss=Decimal(0))
    assert broken(Desk(at=AT, money=ruined), bound("daily_loss_pct_max", 99)) == [True]


@given(
    name=st.sampled_from(sorted(LIMITS)),
    old=st.none() | st.decimals(0, 1000, places=2),
    new=st.none() | st.decimals(0, 1000, places=2),
)
def test_of_two_versions_at_most_one_is_looser_and_none_than_itself(name, old, new) -> None:
    assert not (is_looser(name, old, new) and is_looser(name, new, old))
    assert not is_looser(name, old, old)
    if old is not None:
        assert is_looser(name, old, None)
        assert not is_looser(name, None, old)
        if new is not None and old != new:
            assert is_looser(name, old, new) != is_looser(name, new, old)


@given(
    name=st.sampled_from(sorted(LIMITS)),
    values=st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=4),
)
def test_no_bound_is_stricter_than_the_strictest(name, values) -> None:
    bounds = [bound(name, value, scope) for value, scope in zip(values, Scope, strict=False)]
    found = strictest(bounds, name)
    assert found is not None
    assert not any(is_looser(name, one.value, found.value) for one in bounds)
    assert strictest([], name) is None


def test_a_live_account_misses_what_is_not_set_for_itself() -> None:
    assert missing_of_live(()) == LIVE_REQUIRED
    assert missing_of_live(LIVE_REQUIRED) == ()
    assert missing_of_live(LIVE_REQUIRED[1:]) == LIVE_REQUIRED[:1]
    assert set(LIVE_REQUIRED) <= set(LIMITS)


def left(desk: Desk, *bounds: Bound, is_live: bool = False) -> dict[str, Decimal]:
    return {one.reason: one.left for one in room_bounds(bounds, desk, None, is_live=is_live)}


def test_limits_of_money_leave_what_is_not_used_yet() -> None:
    assert left(
        DESK,
        bound("leverage_max", 3),
        bound("open_risk_pct_max", 4),
        bound("order_notional_max", 700),
    ) == {
        "leverage_limit": 9_500 * 3 - 19_000,
        "open_risk_limit": 380 - 190,
        "order_notional_limit": 700,
    }


@pytest.mark.parametrize(
    ("free", "margin", "left_"), [("950", "1900", 9_500), ("-1", "1900", 0), ("950", "0", None)]
)
def test_free_margin_pays_for_as_much_as_what_is_open_shows(free, margin, left_) -> None:
    money = replace(MONEY, margin=Decimal(margin), margin_free=Decimal(free))
    standing = {Scope.ACCOUNT: Standing(open_notional=Decimal(19_000))}
    found = left(Desk(at=AT, money=money, standing=standing))
    assert found == ({} if left_ is None else {"no_money": left_})


def test_the_tightest_scope_of_open_lots_counts() -> None:
    both = bound("open_lots_max", 4), bound("open_lots_max", "0.5", Scope.STRATEGY)
    lots, words = open_lots_room(both, DESK)
    assert (lots, words) == (
        Decimal("0.5"),
        "open_lots_max: 0 used, bound 0.5 (strategy)",
    )
    assert open_lots_room((), DESK)[0] == 0


def test_what_cannot_be_valued_leaves_a_live_account_nothing() -> None:
    standing = {Scope.ACCOUNT: Standing(is_valued=False)}
    desk = Desk(at=AT, money=MONEY, standing=standing)
    assert left(desk, bound("leverage_max", 3)) == {}
    assert left(desk, bound("leverage_max", 3), is_live=True) == {"leverage_limit": 0}
    poor = Desk(at=AT)
    assert left(poor, bound("open_risk_pct_max", 3)) == {}
    assert left(poor, bound("open_risk_pct_max", 3), is_live=True) == {"open_risk_limit": 0}
