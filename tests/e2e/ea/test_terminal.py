"""A terminal that is not as it should be: no entry, a reason, and work again without a restart."""

from collections.abc import Callable
from pathlib import Path

import pytest

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
    bench.broker.say("forget_faults")
    bench.filled(entry, 120)
    bench.end()
