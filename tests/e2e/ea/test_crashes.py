"""The program dies at each of its steps; nothing is sent twice, untold or unprotected."""

from pathlib import Path

import pytest

from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def crash_at(bench: Bench, on: str, when: str, **values: object) -> None:
    """Lives until the crash that was ordered, then starts anew after 16 s."""
    bench.broker.crash(on, when, **values)
    for _ in range(60):
        if bench.step is None:
            break
        bench.seconds(0.5)
    assert bench.crashed is not None, bench.log
    bench.broker.say("forget_faults")
    bench.restart()


def test_a_crash_just_before_the_send_is_looked_up_and_not_sent(bench: Bench) -> None:
    entry = bench.stage()
    crash_at(bench, "OrderSend", "before")
    bench.until(lambda: "lookup_absent" in bench.told(entry), 60)
    bench.seconds(20)
    assert bench.truth().deals[1:] == []
    assert bench.state(entry) == "unknown"
    assert "never_sent" not in bench.told(entry)
    bench.check(incidents=("order.unresolved",))


def test_a_crash_just_after_the_send_is_found_at_the_broker(bench: Bench) -> None:
    entry = bench.stage()
    crash_at(bench, "OrderSend", "after")
    bench.filled(entry)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(10)
    bench.check()


def test_a_crash_between_fill_and_stop_is_protected_first(bench: Bench) -> None:
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10016)
    entry = bench.stage(sl="1.09000")
    crash_at(bench, "OrderSend", "before", match="sltp")
    bench.seconds(1)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.filled(entry)
    bench.seconds(10)
    bench.check()


def test_a_pending_filled_while_the_program_was_away_is_told_and_keeps_its_stop(
    bench: Bench,
) -> None:
    order = bench.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    bench.until(lambda: bench.state(order) == "working")
    bench.kill()
    bench.price("1.09400")
    bench.pass_time(20)
    bench.start()
    bench.filled(order)
    bench.seconds(10)
    bench.check()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("match", ["reports", "poll"])
def test_a_crash_around_a_call_loses_nothing(bench: Bench, match: str, when: str) -> None:
    entry = bench.stage()
    crash_at(bench, "WebRequest", when, match=f"executor/{match}")
    bench.filled(entry, 90)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(10)
    bench.check()


@pytest.mark.parametrize(
    ("nth", "torn"),
    [(1, 0), (1, 60), (2, 7), (3, 0), (3, 60), (4, 7), (5, 0), (6, 60), (7, 7)],
)
def test_a_crash_at_any_flush_of_the_journal_tears_nothing_that_counts(
    bench: Bench, nth: int, torn: int
) -> None:
    entry = bench.stage()
    crash_at(bench, "FileFlush", "before", nth=nth, torn=torn, match="journal")
    bench.until(lambda: bench.state(entry) in ("filled", "unknown", "expired"), 120)
    assert len(bench.deals_of(entry)) <= 1
    bench.seconds(20)
    assert bench.state(entry) != "acknowledged"
    is_unknown = bench.state(entry) == "unknown"
    bench.check(incidents=("order.unresolved",) if is_unknown else ())


def test_an_exit_goes_on_after_a_crash(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    closing = bench.stage("exit", side="sell")
    crash_at(bench, "OrderSend", "before")
    bench.filled(closing, 60)
    assert bench.truth().positions == []
    bench.seconds(10)
    bench.check()


def _journal(bench: Bench) -> Path:
    (found,) = (bench.home / "terminal" / "MQL5" / "Files" / "Fusion").glob("*/journal.txt")
    return found


def test_with_the_journal_lost_an_order_that_was_out_is_never_sent_again(bench: Bench) -> None:
    entry = bench.stage()
    bench.broker.crash("OrderSend", "after")
    bench.until(lambda: bench.step is None)
    bench.broker.say("forget_faults")
    _journal(bench).unlink()
    bench.broker.fault("history", effect="starting", ms=40_000)
    bench.pass_time(16)
    bench.start()
    bench.seconds(120)
    assert len(bench.deals_of(entry)) == 1
    assert "never_sent" not in bench.told(entry)
    assert bench.state(entry) == "filled"
    # The journal is begun anew; and while the history was late nothing was to be seen of the order.
    bench.check(incidents=("executor.notice", "order.unresolved"))


def test_with_the_journal_lost_new_orders_are_traded(bench: Bench) -> None:
    first = bench.stage()
    bench.filled(first)
    bench.kill()
    _journal(bench).unlink()
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    second = bench.stage()
    bench.filled(second)
    bench.end("executor.notice")


def test_a_line_damaged_in_the_middle_makes_the_journal_doubtful(bench: Bench) -> None:
    first = bench.stage()
    bench.filled(first)
    bench.kill()
    text = _journal(bench).read_bytes().split(b"\n")
    text[len(text) // 2] = b"0" * 16 + b" what was this"
    _journal(bench).write_bytes(b"\n".join(text))
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    second = bench.stage()
    bench.filled(second)
    bench.end("executor.notice")


def test_a_restart_waits_for_its_predecessor_without_an_incident(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.restart(silence_seconds=1)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()
