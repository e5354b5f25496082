"""Limits stop entries: the strictest of the scopes, at staging and in the table."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from execution.models import BrokerAccount
from execution.risk import rules
from execution.risk.limits import Scope
from execution.rules.sizing import Room
from execution.selectors.standing import _entries, _rejects
from fusion_project.events.clock import now
from tests.builders.execution import account_set, desk_make, strategy_make
from tests.builders.risk import heartbeat_tell, limit_set, live_make

pytestmark = pytest.mark.django_db
ENDLESS = Room(Decimal(10_000), Decimal(100), Decimal(100))


@pytest.fixture
def desk():
    return desk_make()


# What they stop, at staging and in the table.


def refused(desk, **asked) -> tuple[str, str]:
    order = desk.stage(**asked)
    assert order.state == "rejected", order
    return order.reason, order.message


def test_the_strictest_of_the_scopes_wins_and_is_named(desk) -> None:
    limit_set(desk, open_positions_max=5)
    limit_set(desk, scope=Scope.STRATEGY, open_positions_max=1)
    desk.stage(lots="0.01")
    assert refused(desk, lots="0.01") == (
        "open_positions_limit",
        "open_positions_max: 2, bound 1 (strategy)",
    )


def test_a_strategys_limit_counts_what_the_strategy_has(desk) -> None:
    other = strategy_make()
    limit_set(desk, scope=Scope.STRATEGY, open_positions_max=1)
    second = desk_make(other)
    second.stage(lots="0.01")
    assert desk.stage(lots="0.01").state == "staged"


@pytest.mark.parametrize(
    ("limits", "before", "asked", "lots"),
    [
        ({"order_lots_max": "0.04"}, [], {}, "0.04"),
        ({"open_lots_max": "0.05"}, ["0.02"], {}, "0.03"),
        ({"order_notional_max": 3300}, [], {}, "0.03"),
        ({"leverage_max": 1}, ["0.05"], {}, "0.04"),
        ({"open_risk_pct_max": "0.3"}, ["0.02"], {}, "0.04"),
    ],
)
def test_a_limit_of_size_makes_the_order_smaller(desk, limits, before, asked, lots) -> None:
    limit_set(desk, **limits)
    for one in before:
        desk.stage(lots=one)
    order = desk.stage(**asked)
    assert (order.state, order.volume_lots) == ("staged", Decimal(lots))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"open_lots_max": "0.02"}, "exposure_limit"),
        ({"leverage_max": "0.25"}, "leverage_limit"),
        ({"open_risk_pct_max": "0.12"}, "open_risk_limit"),
        ({"open_positions_max": 1}, "open_positions_limit"),
        ({"entries_per_minute_max": 1}, "entry_rate_limit"),
        ({"same_order_seconds_min": 5}, "same_order_again"),
    ],
)
def test_an_entry_beyond_a_limit_is_refused_with_its_numbers(desk, limits, reason) -> None:
    limit_set(desk, **limits)
    assert desk.stage(lots="0.02").state == "staged"
    found, words = refused(desk, lots="0.02")
    assert found == reason
    ((name, _),) = limits.items()
    assert words.startswith(f"{name}: ")
    assert "bound" in words


@pytest.mark.parametrize(
    "limits",
    [
        {"order_lots_max": "0.01"},
        {"open_lots_max": "0.03"},
        {"open_positions_max": 1},
        {"entries_per_minute_max": 1},
    ],
)
@pytest.mark.parametrize("scope", list(Scope))
def test_the_table_refuses_what_is_beyond_a_limit_too(desk, monkeypatch, limits, scope) -> None:
    desk.stage(lots="0.02")
    limit_set(desk, scope=scope, **limits)
    monkeypatch.setattr(rules, "ENTRY_RULES", ())
    monkeypatch.setattr("execution.selectors.entry_facts._Gathered._room", lambda *_: ENDLESS)
    with pytest.raises(IntegrityError, match="would be"), transaction.atomic():
        desk.stage(lots="0.02")


def test_the_broker_rejecting_again_and_again_stops_entries_for_a_minute(desk, clock) -> None:
    limit_set(desk, rejects_per_minute_max=1)
    for number in range(2):
        order = desk.leased(lots="0.01", trade_ref=f"t{number}")
        desk.report("rejected", order, retcode=10019)
    assert refused(desk, lots="0.01")[0] == "reject_rate_limit"
    clock.advance(seconds=61)
    desk.poll()
    assert desk.stage(lots="0.01").state == "staged"


def test_after_losses_in_a_row_the_strategy_cools_off(desk, clock) -> None:
    limit_set(desk, scope=Scope.STRATEGY, losses_in_row_max=2, cool_off_seconds_min=300)
    for number in range(2):
        position = desk.opened(trade_ref=f"t{number}", lots="0.01")
        assert desk.stage(lots="0.01").state == "staged"
        desk.close(position, profit=Decimal(-5))
    assert refused(desk, lots="0.01")[0] == "cooling_off"
    clock.advance(seconds=301)
    desk.poll()
    assert desk.stage(lots="0.01").state == "staged"


# Losses, by the broker's day.


def test_a_loss_of_the_day_stops_entries_until_the_brokers_next_day(desk, clock) -> None:
    limit_set(desk, daily_loss_pct_max=3)
    heartbeat_tell(desk.account, 10_000)
    heartbeat_tell(desk.account, 9_700)
    assert desk.stage(lots="0.01").state == "staged"
    heartbeat_tell(desk.account, 9_699)
    assert refused(desk, lots="0.01") == (
        "daily_loss_limit",
        "daily_loss_pct_max: 3.01, bound 3 (account)",
    )
    clock.advance(days=1)
    heartbeat_tell(desk.account, 9_699)
    assert desk.stage(lots="0.01").state == "staged"


def test_what_was_lost_while_nobody_told_counts_to_the_new_day(desk, clock) -> None:
    limit_set(desk, daily_loss_pct_max=3)
    heartbeat_tell(desk.account, 10_000)
    clock.advance(days=3)
    heartbeat_tell(desk.account, 9_000)
    assert refused(desk, lots="0.01")[0] == "daily_loss_limit"


@pytest.mark.parametrize("amount", [-4_000, 4_000])
def test_money_paid_in_or_out_is_neither_won_nor_lost(desk, clock, amount) -> None:
    limit_set(desk, daily_loss_pct_max=3, drawdown_pct_max=3)
    heartbeat_tell(desk.account, 10_000)
    clock.advance(seconds=10)
    desk.deal(
        kind="balance",
        entry="",
        magic=0,
        symbol="",
        position_ticket=0,
        volume_lots=Decimal(0),
        price=Decimal(0),
        profit=Decimal(amount),
    )
    heartbeat_tell(desk.account, 10_000 + amount)
    assert desk.stage(lots="0.01").state == "staged"
    heartbeat_tell(desk.account, 10_000 + amount - 600)
    assert refused(desk, lots="0.01")[0] == "daily_loss_limit"


def test_a_fall_from_the_highest_equity_stops_entries_for_longer_than_a_day(desk, clock) -> None:
    limit_set(desk, drawdown_pct_max=10)
    heartbeat_tell(desk.account, 10_000)
    heartbeat_tell(desk.account, 12_000)
    clock.advance(days=1)
    heartbeat_tell(desk.account, 12_000)
    heartbeat_tell(desk.account, 10_799)
    assert refused(desk, lots="0.01") == (
        "drawdown_limit",
        "drawdown_pct_max: 10.0083, bound 10 (account)",
    )


def test_a_loss_stops_an_order_that_was_staged_before_it(desk) -> None:
    limit_set(desk, daily_loss_pct_max=3)
    heartbeat_tell(desk.account, 10_000)
    order = desk.stage(lots="0.01")
    heartbeat_tell(desk.account, 9_000)
    assert order.id not in desk.poll().new_ids
    heartbeat_tell(desk.account, 9_900)
    assert order.id in desk.poll().new_ids


def test_the_day_is_the_brokers(desk, clock) -> None:
    limit_set(desk, daily_loss_pct_max=3)
    desk.deal(
        kind="balance",
        entry="",
        magic=0,
        symbol="",
        position_ticket=0,
        volume_lots=Decimal(0),
        price=Decimal(0),
        broker_offset_seconds=7200,
    )
    clock.set(desk.account.created_at.replace(hour=21, minute=30) + timedelta(days=1))
    heartbeat_tell(desk.account, 10_000)
    heartbeat_tell(desk.account, 9_000)
    clock.advance(minutes=31)
    heartbeat_tell(desk.account, 9_000)
    assert desk.stage(lots="0.01").state == "staged"


# A live account is never without limits.


def test_a_live_account_without_limits_of_its_own_is_refused(desk) -> None:
    account_set(desk.account, book="live")
    reason, words = refused(desk, lots="0.01")
    assert reason == "limits_missing"
    assert "daily_loss_pct_max" in words


def test_a_live_account_with_limits_quote_and_heartbeat_trades(desk) -> None:
    live_make(desk)
    order = desk.stage(lots="0.01")
    assert (order.reason, order.state) == ("", "staged")


def test_a_live_account_whose_limit_cannot_be_measured_is_refused(desk) -> None:
    live_make(desk)
    limit_set(desk, margin_level_pct_min=200)
    BrokerAccount.objects.filter(id=desk.account.id).update(margin=None)
    assert refused(desk, lots="0.01") == (
        "limit_not_measured",
        "margin_level_pct_min: not known, bound 200 (account)",
    )


# Counted by index.


@pytest.fixture
def long_past(desk) -> None:
    """A year of hourly entries of the account stands in the table's place, with statistics.

    In a table of few rows every index costs the same, and any may be chosen.
    """
    desk.stage(lots="0.01")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE execution_order (LIKE execution_order) ON COMMIT DROP")
        cursor.execute(
            """
            INSERT INTO execution_order
            SELECT (jsonb_populate_record(one, jsonb_build_object(
                'id', hour, 'staged_at', one.staged_at - hour * interval '1 hour'
            ))).*
              FROM public.execution_order AS one, generate_series(1, 8760) AS hour
            """
        )
        cursor.execute(
            "SELECT indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename = 'execution_order'"
            " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        )
        for (made,) in cursor.fetchall():
            cursor.execute(made.replace("public.execution_order", "pg_temp.execution_order"))
        cursor.execute("ANALYZE execution_order")


@pytest.mark.parametrize(
    ("rows", "index", "by"),
    [(_entries, "order_entries", "staged_at"), (_rejects, "order_rejects", "ended_at")],
)
def test_entries_of_the_last_minute_are_found_by_their_time_whatever_came_before(
    desk, long_past, rows, index, by
) -> None:
    plan = rows([desk.account.id], now() - timedelta(minutes=1)).explain()
    assert index in plan
    assert f"{by} >" in plan.split("Index Cond", 1)[1].split("Filter")[0]


def test_an_account_beside_counts_nothing(desk) -> None:
    limit_set(desk, open_positions_max=1)
    other = desk_make(strategy_make())
    other.stage(lots="0.01")
    assert desk.stage(lots="0.01").state == "staged"
