"""What is told gets there: gaps, refusals, journals that are old, large or of another life."""

import json
import shutil
from decimal import Decimal

import pytest

from execution.models import Deal, Report
from tests.e2e.ea.bench import WARM_UP, Bench, journal_line
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def verdict(bench: Bench, word: str, **more: object) -> str:
    """An answer to the next report that the server never gave."""
    seq = last_seq(bench) + 1
    instance = bench.account().instance
    told = {"report_id": f"{instance}-{seq}", "verdict": word, "reason": "none"}
    moment = "2026-03-02T10:00:20.000Z"
    return json.dumps({"reports": [told], "gaps": [], "server_time": moment, **more})


def last_seq(bench: Bench) -> int:
    return max(Report.objects.values_list("seq", flat=True))


def codes(bench: Bench) -> list[str]:
    raws = Report.objects.filter(kind="notice").values_list("raw", flat=True)
    return [json.loads(one)["code"] for one in raws]


def test_a_report_that_the_server_lost_is_told_again(bench: Bench) -> None:
    bench.web("reports", 200, text=verdict(bench, "stored"))
    bench.broker.balance(Decimal(5))
    bench.seconds(4)
    bench.broker.balance(Decimal(7))
    bench.end()


def test_a_report_that_was_refused_leaves_a_notice_in_its_place(bench: Bench) -> None:
    before = last_seq(bench)
    bench.web("reports", 200, text=verdict(bench, "refused"))
    bench.broker.balance(Decimal(5))
    bench.seconds(4)
    bench.broker.balance(Decimal(7))
    bench.seconds(8)
    assert codes(bench) == ["report_refused"]
    assert bench.incidents() == ["executor.notice"]
    assert Report.objects.filter(seq=before + 1, kind="notice").exists()


def test_a_report_that_was_lost_with_the_journal_leaves_a_notice(bench: Bench) -> None:
    bench.web("reports", 200, text=verdict(bench, "stored"))
    bench.broker.balance(Decimal(5))
    bench.seconds(4)
    bench.web("reports", 5202, when="after", times=50)
    bench.broker.balance(Decimal(7))
    bench.seconds(2)
    bench.kill()
    bench.journal.unlink()
    bench.broker.say("forget_faults")
    bench.pass_time(16)
    bench.start()
    bench.seconds(20)
    assert "report_lost" in codes(bench)
    bench.seconds(60)
    bench.check(incidents=("executor.notice",))


def test_a_journal_from_a_backup_gives_no_number_twice(bench: Bench) -> None:
    bench.web("reports", 5201, times=3)
    bench.broker.balance(Decimal(5))
    bench.seconds(3)
    shutil.copy(bench.journal, bench.home / "backup.txt")
    bench.seconds(20)
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    shutil.copy(bench.home / "backup.txt", bench.journal)
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(6)
    bench.check(incidents=("executor.notice",))


def _old_orders(first: int, count: int) -> str:
    """Orders of a former life that ended long ago."""
    lines = ""
    for number in range(first, first + count):
        order = {
            "order_id": str(number),
            "fence": 1,
            "event": "entry",
            "broker_symbol": "EURUSD",
            "side": "buy",
            "order_type": "market",
            "volume_lots": "0.10",
            "sl": "1.09",
            "position_ticket": "0",
            "needs_minor": 0,
        }
        record = f"O\t{number}\t1\t1772445600000\t{json.dumps(order)}"
        ended = f"S\t{number}\t1\t4\t0\t-1\t0\t=done\t0\t=done"
        lines += journal_line(record + "\x1e" + ended)
    return lines


def test_old_orders_are_forgotten_and_what_is_guarded_is_not(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    bench.filled(entry)
    bench.kill()
    with bench.journal.open("a") as journal:
        journal.write(_old_orders(1_000_000, 1_200))
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    (position,) = bench.truth().positions
    bench.broker.say("position", id=position["id"], sl=0)
    bench.seconds(1)
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.end()


def test_a_journal_that_has_grown_is_written_anew_and_loses_nothing(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    with bench.journal.open("a") as journal:
        for number in range(4_500):
            journal.write(journal_line(f"V\tpause.EURUSD.{number % 7}\t={number:0950}"))
    assert bench.journal.stat().st_size > 4_000_000
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    assert bench.journal.stat().st_size < 100_000
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.restart()
    bench.seconds(WARM_UP)
    assert len(bench.truth().deals) == 3
    bench.end()


def test_a_journal_that_cannot_be_read_to_its_end_goes_on_from_its_whole_lines(
    bench: Bench,
) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    with bench.journal.open("ab") as journal:
        journal.write(journal_line("V\tday_block\t=1").encode()[:-9])
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()


def test_a_rewrite_that_was_whole_and_not_in_its_place_is_taken(bench: Bench) -> None:
    """Killed between the two steps of a rewrite."""
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    bench.journal.rename(bench.journal.with_name("journal.txt.next"))
    bench.pass_time(16)
    bench.start()
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()


def test_many_deals_that_are_not_shown_any_more_are_a_history_with_holes(bench: Bench) -> None:
    for _ in range(6):
        bench.broker.balance(Decimal(1))
    bench.seconds(4)
    for one in bench.truth().deals[1:]:
        bench.broker.say("strike_out", ticket=one["ticket"])
    bench.seconds(240)
    assert "history_not_whole" in codes(bench)
    assert not Deal.objects.filter(kind="deleted").exists()
    assert bench.incidents() == ["executor.notice"]


def test_hundreds_of_deals_are_told_in_batches(bench: Bench) -> None:
    for _ in range(260):
        bench.broker.balance(Decimal("0.01"))
    bench.seconds(30)
    bench.check()
