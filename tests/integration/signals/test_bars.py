"""Bars: appended once, revised by the next revision, and each serves whom it may serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from signals.errors import BarsRefused, PolicyInvalid
from signals.models import Bar, BarSeries, Delivery, StrategyPolicy
from signals.selectors.bars import SeriesRef, bars_between, bars_known, series_of
from signals.services.bar_watch import bars_watch
from signals.services.bars import BarFacts, BarsRecorded, bars_record
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.builders.switches import strategy_stop
from tests.factories.signals import BarFactory

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIXTURE = Path(__file__).parents[3] / "pine/harness/fixtures/OANDA_EURUSD-15.csv"


def bar(minute: int, close: str = "1.1", at: datetime = NOON) -> BarFacts:
    return BarFacts(
        open_at=at - MINUTE * (60 - minute),
        open=Decimal("1.1"),
        high=Decimal("1.2"),
        low=Decimal("1.0"),
        close=Decimal(close),
    )


def recorded(*bars: BarFacts, feed: str = "executor:7", symbol: str = "EURUSD") -> BarsRecorded:
    return bars_record(feed=feed, symbol=symbol, timeframe_seconds=60, bars=bars)


def partition_of(row: Bar) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM signals_bar WHERE id = %s", [row.id])
        return str(cursor.fetchone()[0])


@pytest.fixture
def noon(db: None, clock: Any) -> None:
    clock.set(NOON)


def test_a_bar_is_appended_once_and_a_changed_one_is_its_next_revision(noon: None) -> None:
    assert recorded(bar(1), bar(2)) == BarsRecorded(2, 0, 0)
    assert recorded(bar(1), bar(2), bar(3)) == BarsRecorded(1, 0, 2)
    assert recorded(bar(2, "1.15")) == BarsRecorded(0, 1, 0)
    assert recorded(bar(2, "1.15")) == BarsRecorded(0, 0, 1)
    rows = Bar.objects.filter(open_at=bar(2).open_at).order_by("revision")
    assert [(row.revision, row.close) for row in rows] == [
        (1, Decimal("1.1")),
        (2, Decimal("1.15")),
    ]
    series = BarSeries.objects.get()
    assert (series.first_open_at, series.newest_open_at) == (bar(1).open_at, bar(3).open_at)


@pytest.mark.parametrize(
    ("bars", "index"),
    [
        ([bar(1), bar(60)], 1),
        ([bar(2), bar(1)], 1),
        ([bar(1), bar(2, "1.3")], 1),
    ],
)
def test_one_wrong_bar_and_none_is_recorded(noon: None, bars: Any, index: int) -> None:
    with pytest.raises(BarsRefused) as refused:
        recorded(*bars)
    assert refused.value.detail == {"index": index}
    assert not Bar.objects.exists()
    assert not BarSeries.objects.exists()


@pytest.mark.parametrize("feed", ["", "executor:", "mt5:7", "alert:a b", "csv:" + "x" * 81])
def test_a_feed_has_one_of_three_forms(noon: None, feed: str) -> None:
    with pytest.raises(BarsRefused, match="is no feed"):
        recorded(bar(1), feed=feed)


def test_the_table_refuses_what_the_service_refuses(noon: None) -> None:
    recorded(bar(1))
    row = Bar.objects.get()
    columns = "feed, symbol, timeframe_seconds, open_at, revision, close_at, open, high, low,"
    columns += " close, volume, recorded_at"
    for change in (
        {"revision": 3},
        {"close_at": NOON + MINUTE},
        {"open_at": row.close_at},
        {"low": 0},
        {"high": Decimal("1.05")},
        {"recorded_at": NOON + MINUTE},
        {"recorded_at": NOON - timedelta(days=1)},
        {"feed": "elsewhere"},
    ):
        values = {name: getattr(row, name) for name in columns.split(", ")}
        values |= {"revision": 2, "recorded_at": NOON, **change}
        marks = ", ".join(["%s"] * len(values))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO signals_bar ({columns}) VALUES ({marks})", list(values.values())
            )
    assert Bar.objects.count() == 1


def test_bars_lie_in_the_month_that_they_opened_in_and_history_in_one_place(
    db: None, clock: Any
) -> None:
    # A new database has the partitions from this month on, and a bar of the 1st may be older.
    moment = now() + timedelta(days=1)
    clock.set(moment)
    recorded(bar(1, at=moment))
    recorded(bar(1, at=datetime(2022, 5, 1, tzinfo=UTC)), feed="csv:old")
    this, old = (Bar.objects.get(feed=feed) for feed in ("executor:7", "csv:old"))
    assert partition_of(this) == f"signals_bar_{this.open_at:%Y_%m}"
    assert partition_of(old) == "signals_bar_default"


def test_the_bar_of_an_alert_is_recorded_with_the_time_that_it_closed(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    message = BarFactory(at=now())
    message["bar_close"] -= 60_000
    alert_received(built, message)
    run_handlers()
    row = Bar.objects.get()
    assert (row.feed, row.symbol, row.timeframe_seconds) == (
        f"alert:{built.strategy.slug}",
        "OANDA:EURUSD",
        900,
    )
    assert (row.open_at, row.close_at) == (NOON - 15 * MINUTE, NOON - MINUTE)
    assert (row.high, row.low, row.volume) == (Decimal("1.085"), Decimal("1.0835"), 1200)


def test_a_bar_from_the_future_is_refused_and_its_delivery_kept(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    answer = alert_received(built, BarFactory(at=now() + timedelta(seconds=31)))
    assert (answer.status, answer.verdict, answer.reason) == (200, "refused", "from_future")
    assert Delivery.objects.get().rule == "from_future"
    assert alert_received(built, BarFactory(at=now() + timedelta(seconds=29))).status == 202
    run_handlers()
    assert Bar.objects.count() == 1


@pytest.mark.parametrize("odd", [{"tf": "10R"}, {"bar_close": None}])
def test_a_bar_without_a_length_of_time_is_refused(built: BuiltStrategy, odd: Any) -> None:
    message = BarFactory(at=now())
    if "bar_close" in odd:
        odd = {"bar_close": message["bar_time"]}
    assert alert_received(built, {**message, **odd}).status == 422


def test_a_bar_serves_the_strategy_whose_secret_brought_it_alone(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    other = strategy_built("other")
    alert_received(built, BarFactory(at=now()))
    run_handlers()
    ours = series_of(built.strategy.policy, built.strategy.slug, "EURUSD")
    assert ours == [SeriesRef(f"alert:{built.strategy.slug}", "OANDA:EURUSD", 900)]
    assert series_of(other.strategy.policy, "other", "EURUSD") == []
    foreign = {
        "EURUSD": [{"feed": ours[0].feed, "symbol": "OANDA:EURUSD", "timeframe_seconds": 900}]
    }
    with pytest.raises(PolicyInvalid, match="serves the strategy whose secret brought it alone"):
        strategy_policy_change(strategy_id=other.strategy.id, actor="user:1", feeds=foreign)
    former = other.strategy.policy
    with pytest.raises(DatabaseError, match="serve that strategy alone"), transaction.atomic():
        StrategyPolicy.objects.create(
            strategy=other.strategy,
            version=9,
            feeds=foreign,
            valid_from=now(),
            actor=former.actor,
        )


def test_what_is_not_on_record_yet_is_not_read_and_of_a_revision_the_one_of_then(
    noon: None, clock: Any
) -> None:
    series = [SeriesRef("executor:7", "EURUSD", 60)]
    recorded(bar(50), bar(51))
    clock.advance(minutes=1)
    recorded(bar(51, "1.15"), bar(52))
    clock.advance(minutes=1)
    then = bars_known(series, known_until=NOON + timedelta(seconds=1), count=10)
    assert [one.close for one in then] == [Decimal("1.1"), Decimal("1.1")]
    today = bars_known(series, known_until=now(), count=10)
    assert [one.close for one in today] == [Decimal("1.1"), Decimal("1.15"), Decimal("1.1")]
    assert bars_known(series, known_until=NOON, count=10) == []


def test_imported_history_tells_what_was_before_a_feeds_first_bar(noon: None) -> None:
    recorded(*(bar(number, "1.05") for number in range(40, 46)), feed="csv:history")
    recorded(bar(44), bar(45), feed="alert:ema")
    series = [SeriesRef(feed, "EURUSD", 60) for feed in ("alert:ema", "csv:history")]
    between = bars_between(series, bar(42).open_at, bar(45).open_at, known_until=NOON)
    for bars in (bars_known(series, known_until=NOON + MINUTE, count=4), between):
        assert [one.open_at for one in bars] == [bar(n).open_at for n in range(42, 46)]
        assert [one.close for one in bars] == [Decimal("1.05")] * 2 + [Decimal("1.1")] * 2


def imported(*arguments: str) -> str:
    out = StringIO()
    call_command("bars_import", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_imported_once_with_a_report(db: None) -> None:
    first = imported(str(FIXTURE), "--name", "eur")
    assert "1500 bars of OANDA:EURUSD, 900 s each, in feed csv:eur: 1500 added" in first
    again = imported(str(FIXTURE), "--name", "eur")
    assert "0 added, 0 revised, 1500 known" in again
    assert Bar.objects.filter(feed="csv:eur").count() == 1500


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1736116200,1.1,1.0,1.2,1.1,5", "line 4: its high is below its low"),
        ("1736114400,1.1,1.2,1.0,1.1,5", "line 4: its time is not after the time of the bar"),
        ("1736116200,0,1.2,1.0,1.1,5", "line 4: a price is not positive"),
        ("1736116200,1.1,1.2,1.0,1.1", "line 4: 5 values instead of 6"),
        ("4000000000,1.1,1.2,1.0,1.1,5", "line 4: it is from the future"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(
    db: None, tmp_path: Path, line: str, told: str
) -> None:
    lines = FIXTURE.read_text().splitlines()[:3]
    path = tmp_path / "OANDA_EURUSD-15.csv"
    path.write_text("\n".join([*lines, line]))
    with pytest.raises(CommandError, match=told):
        imported(str(path))
    assert not Bar.objects.exists()


def test_a_file_whose_name_tells_nothing_needs_symbol_and_timeframe(
    db: None, tmp_path: Path
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("time,open,high,low,close,volume\n")
    with pytest.raises(CommandError, match="give both"):
        imported(str(path))
    assert "0 bars of X:Y" in imported(str(path), "--symbol", "X:Y", "--timeframe", "5")
    with pytest.raises(CommandError, match="is no timeframe"):
        imported(str(path), "--symbol", "X:Y", "--timeframe", "5R")
    with pytest.raises(CommandError, match="No such file"):
        imported(str(tmp_path / "OANDA_EURUSD-1.csv"))


def open_kinds() -> set[str]:
    return set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_a_hole_and_a_stop_open_an_incident_and_close_it_by_rule(noon: None, clock: Any) -> None:
    recorded(bar(54), bar(55), bar(58), bar(59))
    assert bars_watch() == 1
    assert open_kinds() == {"bars.missing"}
    assert "2 bars missing from 2026-03-02 11:56:00" in Incident.objects.get().note
    recorded(bar(56), bar(57))
    assert bars_watch() == 0
    clock.advance(minutes=5)
    assert bars_watch() == 1
    assert open_kinds() == {"bars.stale"}
    assert bars_watch() == 1
    assert Incident.objects.get(closed_at=None).times_seen == 1
    recorded(*(bar(minute) for minute in range(60, 65)))
    assert bars_watch() == 0


def test_history_and_what_a_strategy_that_is_off_sent_stop_without_an_incident(
    noon: None, clock: Any
) -> None:
    built = strategy_built("off")
    recorded(bar(1), bar(5), feed="csv:history")
    recorded(bar(1), bar(5), feed="alert:off")
    strategy_stop(built.strategy)
    assert bars_watch() == 0
