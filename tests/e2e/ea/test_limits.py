"""The terminal's own limits: the last line of defence, kept over restarts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from mql5.host.running import REFUSED, Lockstep, Terminal
from tests.builders.execution import account_subscribe
from tests.e2e.ea.bench import START, WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def rejected(bench: Bench, reason: str, **fields: Any) -> None:
    entry = bench.stage(**fields)
    bench.until(lambda: bench.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.message == reason
    assert bench.deals_of(entry) == []


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"OrderLotsMax": 0.05}, "order_lots_limit"),
        ({"OpenLotsMax": 0.05}, "open_lots_limit"),
    ],
)
def test_an_entry_over_a_limit_of_the_terminal_is_refused(
    bench_make: Callable[..., Bench], inputs: dict[str, object], reason: str
) -> None:
    bench = bench_make(**inputs)
    bench.seconds(WARM_UP)
    rejected(bench, reason, lots="0.10")
    bench.seconds(3)
    bench.check()


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [({"PositionsMax": 1}, "positions_limit"), ({"EntriesADayMax": 1}, "entries_a_day_limit")],
)
def test_the_second_entry_over_a_count_is_refused(
    bench_make: Callable[..., Bench], inputs: dict[str, object], reason: str
) -> None:
    bench = bench_make(**inputs)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    rejected(bench, reason)
    bench.end()


def test_the_count_of_the_day_survives_a_restart(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(EntriesADayMax=1)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.restart()
    bench.seconds(WARM_UP)
    rejected(bench, "entries_a_day_limit")
    bench.end()


def test_a_loss_of_the_day_with_floating_ends_entries(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(DailyLossPercent=1.0)
    bench.seconds(WARM_UP)
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("1.00"))
    bench.price("1.09870")
    bench.seconds(2)
    rejected(bench, "daily_loss")
    bench.price("1.10000")
    bench.restart()
    bench.seconds(WARM_UP)
    rejected(bench, "daily_loss")
    bench.end("executor.notice")


def test_a_loss_of_the_day_takes_resting_entries_back(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(DailyLossPercent=1.0)
    bench.seconds(WARM_UP)
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("1.00"))
    bench.price("1.09870")
    bench.until(lambda: bench.state(resting) == "cancelled", 20)
    assert bench.truth().orders == []
    assert "taken back: daily_loss" in bench.log
    bench.end("executor.notice")


def test_money_paid_out_is_no_loss(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(DailyLossPercent=1.0, EquityStopPercent=5.0)
    bench.seconds(WARM_UP)
    bench.broker.balance(Decimal(-3_000))
    bench.seconds(5)
    entry = bench.stage()
    bench.filled(entry)
    bench.broker.balance(Decimal(20_000))
    bench.seconds(5)
    bench.broker.balance(Decimal(-20_000))
    bench.seconds(40)
    assert len(bench.truth().positions) == 1
    bench.check()


def test_the_equity_stop_closes_all_and_latches_until_a_person_resets_it(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(EquityStopPercent=2.0, DailyLossPercent=50.0)
    bench.seconds(WARM_UP)
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("1.00"))
    entry = bench.stage(sl="1.06000")
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(entry) == "filled" and bench.state(resting) == "working")
    bench.price("1.09700")
    bench.seconds(3)
    assert [one["magic"] for one in bench.truth().positions] == ["0"]
    assert bench.truth().orders == []
    bench.price("1.10000")
    bench.restart()
    bench.seconds(WARM_UP)
    rejected(bench, "equity_stop")
    bench.kill()
    used = round(bench.now.timestamp())
    with (bench.home / "terminal" / "globals.txt").open("a") as file:
        file.write(f"FusionReset\t{(1.0).hex()} {used}\n")
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    again = bench.stage()
    bench.filled(again)
    bench.end("executor.notice")


def test_the_equity_stop_survives_the_day(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(EquityStopPercent=2.0, DailyLossPercent=50.0)
    bench.seconds(WARM_UP)
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("1.00"))
    bench.seconds(2)
    bench.price("1.09700")
    bench.seconds(3)
    bench.kill()
    bench.pass_time(15 * 3600)
    bench.price("1.10000")
    bench.start()
    bench.seconds(WARM_UP)
    rejected(bench, "equity_stop")
    bench.end("executor.notice")


@pytest.mark.parametrize("how", ["file", "variable"])
def test_a_kill_at_the_terminal_ends_entries_and_takes_resting_ones_back(
    bench: Bench, how: str
) -> None:
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    entry = bench.stage()
    bench.until(lambda: bench.state(resting) == "working" and bench.state(entry) == "filled")
    if how == "file":
        (bench.files / "KILL.txt").write_text("")
    else:
        bench.kill()
        used = round(bench.now.timestamp())
        with (bench.home / "terminal" / "globals.txt").open("a") as file:
            file.write(f"FusionKill\t{(1.0).hex()} {used}\n")
        bench.pass_time(16)
        bench.start()
    bench.until(lambda: bench.state(resting) == "cancelled", 40)
    rejected(bench, f"kill_{how}")
    assert bench.truth().positions[0]["sl"] != "0"
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.end()


def test_the_autotrading_button_stops_all_until_it_is_pressed_again(bench: Bench) -> None:
    bench.broker.say("account", autotrading=False)
    entry = bench.stage(valid_seconds=300)
    bench.seconds(8)
    assert bench.truth().positions == []
    bench.broker.say("account", autotrading=True)
    bench.filled(entry, 60)
    bench.end()


def test_a_wide_spread_a_stale_quote_and_a_closed_session_make_an_entry_wait(bench: Bench) -> None:
    bench.price("1.10000", spread_points=80)
    entry = bench.stage(valid_seconds=600)
    bench.seconds(5)
    assert "waits: spread" in bench.log
    bench.broker.no_price("EURUSD")
    bench.seconds(40)
    assert "waits: quote_stale" in bench.log
    assert bench.truth().positions == []
    bench.broker.free_prices()
    bench.price("1.10000")
    bench.filled(entry, 120)
    bench.end()


def test_out_of_session_entries_wait_and_exits_are_asked_again_at_the_opening(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    opens = bench.now.hour * 3600 + 7200 + bench.now.minute * 60 + 120
    bench.broker.hours("EURUSD", "monday", opens, 86_400)
    closing = bench.stage("exit", side="sell")
    late = bench.stage(valid_seconds=600)
    bench.seconds(60)
    assert "waits: session_closed" in bench.log
    assert len(bench.truth().positions) == 1
    bench.filled(closing, 120)
    bench.filled(late, 120)
    bench.end()


def test_a_fill_far_from_the_price_asked_stops_entries_of_its_symbol(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(DeviationPointsMax=5)
    bench.seconds(WARM_UP)
    bench.broker.fault("request", match="deal", effect="slip", points=40)
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.stage()
    bench.seconds(5)
    assert "waits: deviation_pause" in bench.log
    bench.end("executor.notice")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("InpKey", ""),
        ("InpServerUrl", "server.example"),
        ("InpServerUrl", "http://server.example"),
        ("InpServerUrl", "http://127.0.0.1.example"),
        ("InpLogin", "0"),
        ("InpServer", ""),
        ("InpSigningKey", "short"),
        *(
            (name, value)
            for value in ("0", "-1")
            for name in (
                "InpOrderLotsMax",
                "InpOpenLotsMax",
                "InpPositionsMax",
                "InpEntriesADayMax",
                "InpDailyLossPercent",
                "InpEquityStopPercent",
                "InpMarginLevelMin",
                "InpSpreadPointsMax",
                "InpDeviationPointsMax",
                "InpTickAgeSecondsMax",
                "InpSkewSecondsMax",
                "InpTimerMilliseconds",
                "InpTimeoutMilliseconds",
                "InpHeartbeatSeconds",
                "InpSilenceSeconds",
                "InpWeekendMinutes",
            )
        ),
    ],
)
def test_an_input_that_cannot_be_meant_is_refused_by_its_name(
    ea_binary: Any, tmp_path: Any, name: str, value: str
) -> None:
    inputs = {
        "InpServerUrl": "https://server.example",
        "InpKey": "prefix.secret",
        "InpLogin": "5001",
        "InpServer": "Sim-Demo",
        name: value,
    }
    terminal = Terminal(tmp_path / "terminal", clock="lockstep", start=START, inputs=inputs)
    with Lockstep(ea_binary, terminal, tmp_path / "log") as step:
        assert step.yielded is None
        ended = step.stop()
    assert ended.code == REFUSED
    assert f"not started: {name}" in ended.out


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"volume_min": Decimal("0.50")}, "volume_below_minimum"),
        ({"volume_max": Decimal("0.05")}, "order_lots_limit"),
        ({"trade_mode": "shortonly"}, "side_not_allowed"),
        ({"trade_mode": "closeonly"}, "side_not_allowed"),
    ],
)
def test_what_the_symbol_does_not_take_any_more_is_refused(
    bench: Bench, terms: dict[str, Any], reason: str
) -> None:
    """The server still knows the sheet of hello."""
    bench.broker.say("symbol", name="EURUSD", **terms)
    rejected(bench, reason)
    bench.end()


def test_a_margin_level_below_the_input_ends_entries(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(MarginLevelMin=5000.0)
    bench.seconds(WARM_UP)
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("1.00"))
    bench.seconds(4)
    rejected(bench, "margin_level")
    bench.end()


def test_what_is_credited_or_corrected_is_neither_profit_nor_loss(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(DailyLossPercent=1.0, EquityStopPercent=5.0)
    bench.seconds(WARM_UP)
    for kind, amount in (("credit", 2000), ("bonus", 1000), ("correction", -1500)):
        bench.broker.balance(Decimal(amount), kind=kind)
        bench.seconds(4)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_balance_that_its_deals_do_not_explain_is_told_and_counts_as_paid(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(DailyLossPercent=1.0, EquityStopPercent=5.0)
    bench.seconds(WARM_UP)
    bench.broker.say("account", balance=Decimal(9_000))
    bench.seconds(80)
    assert "differs from its deals" in bench.log
    entry = bench.stage()
    bench.filled(entry)
    assert bench.incidents() == ["executor.notice"]


def test_the_limit_of_the_day_is_over_with_the_broker_s_day(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(EntriesADayMax=1)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    rejected(bench, "entries_a_day_limit")
    bench.kill()
    bench.pass_time(13 * 3600)
    bench.start()
    bench.seconds(WARM_UP)
    again = bench.stage()
    bench.filled(again)
    bench.end()


def test_an_order_s_own_spread_counts_where_it_is_tighter(bench: Bench) -> None:
    """It comes with the order from what the account follows the strategy by."""
    account_subscribe(bench.desk.strategy, bench.desk.account, spread_points_max=15)
    order = bench.stage(valid_seconds=300)
    bench.price("1.10000", spread_points=20)
    bench.seconds(5)
    assert "waits: spread" in bench.log
    bench.price("1.10000")
    bench.filled(order)
    bench.end()
