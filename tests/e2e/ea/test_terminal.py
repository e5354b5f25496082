"""A terminal that is not as it should be: no entry, a reason, and work again without a restart."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from execution.models import Deal, SymbolMap
from fusion_project.local.market.rules.prices import INSTRUMENTS
from mql5.host.broker import sample_symbol
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_an_address_that_is_not_allowed_is_named(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make()
    bench.kill()
    bench.pass_time(16)
    bench.start(ServerUrl="http://127.0.0.1:9")
    bench.seconds(5)
    assert "add http://127.0.0.1:9 in Tools > Options > Expert Advisors" in bench.log


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"Login": 77}, "InpLogin says 77"),
        ({"Server": "Other-Server"}, "InpServer says Other-Server"),
        ({"AccountKind": "ACCOUNT_IS_REAL"}, "InpAccountKind says real"),
    ],
)
def test_a_wrong_account_stays_loaded_and_says_why(
    bench_make: Callable[..., Bench], setting: dict[str, object], words: str
) -> None:
    bench = bench_make(**setting)
    bench.seconds(5)
    assert words in bench.log
    assert bench.step is not None
    assert bench.account().instance == ""


def test_a_terminal_that_is_not_logged_in_yet_waits_and_then_works(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(account={"connected": False})
    bench.seconds(20)
    assert "not logged in yet" in bench.log
    bench.broker.say("account", connected=True)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_connection_that_breaks_stops_entries_and_comes_back(bench: Bench) -> None:
    bench.broker.say("account", connected=False)
    entry = bench.stage(valid_seconds=300)
    bench.seconds(30)
    assert bench.truth().positions == []
    bench.broker.say("account", connected=True)
    bench.filled(entry, 120)
    bench.end()


def test_global_variables_lost_change_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.kill()
    for name in ("globals.txt",):
        (bench.home / "terminal" / name).unlink(missing_ok=True)
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_full_disk_stops_entries_until_there_is_room(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.seconds(WARM_UP)
    bench.broker.fault("FileFlush", match="journal", effect="full", times=60)
    entry = bench.stage(valid_seconds=300)
    bench.seconds(20)
    assert bench.truth().positions == []
    assert bench.blocked() == ["journal_not_writable"]
    bench.broker.say("forget_faults")
    bench.filled(entry, 120)
    bench.end()


def test_a_clock_that_was_set_back_stops_entries_and_moves_no_day(
    bench_make: Callable[..., Bench],
) -> None:
    """Back over midnight of the broker, where it is noon: limits hold, deals keep their times."""
    bench = bench_make(EntriesADayMax=1)
    bench.seconds(WARM_UP)
    first = bench.stage()
    bench.filled(first)
    bench.broker.say("account", skew_ms=-46_800_000)
    bench.seconds(8)
    assert bench.blocked() == ["clock_skew"]
    bench.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    bench.seconds(8)
    assert set(Deal.objects.values_list("broker_offset_seconds", flat=True)) == {7200}
    bench.broker.say("account", skew_ms=0)
    bench.seconds(8)
    assert bench.blocked() == []
    second = bench.stage()
    bench.until(lambda: bench.state(second) == "rejected")
    second.refresh_from_db()
    assert second.message == "entries_a_day_limit"
    bench.end()


def test_a_clock_set_back_while_the_program_was_away_is_told(bench: Bench) -> None:
    bench.kill()
    bench.broker.say("account", at=1, skew_ms=-3_600_000)
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    assert bench.blocked() == ["clock_skew"]
    bench.broker.say("account", skew_ms=0)
    entry = bench.stage(valid_seconds=300)
    bench.filled(entry)
    bench.end()


def test_a_tick_value_of_zero_makes_an_entry_wait(bench: Bench) -> None:
    bench.broker.say("symbol", name="EURUSD", tick_value=Decimal(0))
    entry = bench.stage(valid_seconds=300)
    bench.until(lambda: bench.blocked() == ["sheet_incomplete"], 15)
    assert bench.truth().positions == []
    bench.broker.say("symbol", name="EURUSD", tick_value=Decimal(-1))
    bench.filled(entry)
    bench.end()


def test_without_a_tick_value_an_open_position_is_still_guarded_and_closed(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.broker.say("symbol", name="EURUSD", tick_value=Decimal(0))
    (position,) = bench.truth().positions
    bench.broker.say("position", id=position["id"], sl=0)
    bench.seconds(1)
    assert bench.truth().positions[0]["sl"] == "1.09"
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.end()


def test_without_any_tick_no_entry_is_sent(bench: Bench) -> None:
    entry = bench.stage(valid_seconds=300)
    bench.broker.no_price("EURUSD", from_ms=1)
    bench.until(lambda: bench.blocked() == ["no_quote"], 15)
    assert bench.truth().positions == []
    bench.broker.free_prices()
    bench.price("1.10000")
    bench.filled(entry)
    bench.end()


def test_symbols_that_cannot_be_told_cost_only_themselves(
    bench_make: Callable[..., Bench],
) -> None:
    gold = INSTRUMENTS["XAUUSD"]
    odd = [
        sample_symbol(gold, name="GOLD.zero", tick_value=Decimal(0)),
        sample_symbol(gold, name="GOLD.huge", volume_min=Decimal(2_000_000)),
        sample_symbol(gold, name="G\u00f6ld"),
        sample_symbol(gold, name="GOLD #1", currency_profit="usd"),
    ]
    bench = bench_make(others=odd)
    bench.seconds(WARM_UP)
    assert "symbol GOLD.zero: left out: sheet_incomplete" in bench.log
    assert "symbol GOLD.huge: its sheet was refused" in bench.log
    told = set(SymbolMap.objects.values_list("broker_symbol", flat=True))
    assert "GOLD #1" in told
    assert not told & {"GOLD.zero", "GOLD.huge", "G\u00f6ld"}
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_history_that_comes_late_makes_no_deal_untold_and_none_deleted(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    bench.broker.fault("history", effect="starting", ms=200_000)
    bench.pass_time(16)
    bench.start()
    bench.seconds(150)
    assert "deleted" not in bench.log
    bench.seconds(80)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()


def test_files_that_cannot_be_opened_make_the_program_wait(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.kill()
    bench.broker.fault("FileOpen", match="journal", effect="full", times=12)
    bench.pass_time(16)
    bench.start()
    bench.seconds(3)
    assert "its journal cannot be opened" in bench.log
    bench.seconds(WARM_UP + 8)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_name_that_cannot_be_written_makes_the_program_wait(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.seconds(1)
    bench.kill()
    (name,) = bench.files.glob("*/instance.txt")
    name.unlink()
    bench.broker.fault("FileOpen", match="instance", effect="full", times=8)
    bench.pass_time(16)
    bench.start()
    bench.seconds(2)
    assert "its files cannot be written" in bench.log
    bench.seconds(30)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()
