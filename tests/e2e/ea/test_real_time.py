"""The compiled Expert Advisor by the machine's own clock, as in a terminal, with short leases."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from execution.models import Deal, ExecutorKey, Position
from execution.services.keys import key_issue, key_revoke
from execution.services.staging import decision_stage
from fusion_project.events.clock import now
from tests.builders.switches import account_halt
from tests.e2e.ea.running import Running
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.fixture
def terminal(
    live_url: str,
    tmp_path: Path,
    ea_binary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Running]:
    monkeypatch.setattr("execution.services.claims.LEASE_SECONDS", 2)
    monkeypatch.setattr("execution.services.leases.ACKNOWLEDGED_SILENT_SECONDS", 5)
    monkeypatch.setattr("execution.services.instances.INSTANCE_HOLD_SECONDS", 3)
    one = Running(live_url, tmp_path, ea_binary)
    one.start()
    yield one
    one.end()


@pytest.fixture
def running(terminal: Running) -> Running:
    terminal.ready()
    return terminal


def test_an_entry_and_its_exit(running: Running) -> None:
    entry = running.stage()
    running.filled(entry)
    closing = running.stage("exit", side="sell")
    running.filled(closing)
    running.until(lambda: Position.objects.get().closed_at)
    assert running.stop() == 0
    assert running.broker.truth().positions == []
    running.agree()


def test_a_sell_with_stop_and_target(running: Running) -> None:
    entry = running.stage(side="sell", sl="1.10500", tp="1.09000")
    running.filled(entry)
    (position,) = running.broker.truth().positions
    assert (position["type"], position["sl"], position["tp"]) == ("sell", "1.105", "1.09")
    running.agree()


def test_a_part_and_then_the_rest_is_closed(running: Running) -> None:
    entry = running.stage()
    running.filled(entry)
    part = running.stage("partial_exit", side="sell", close_pct="50")
    running.filled(part)
    assert running.broker.truth().positions[0]["volume"] == "0.05"
    closing = running.stage("exit", side="sell")
    running.filled(closing)
    running.agree()


def test_a_tighter_stop(running: Running) -> None:
    entry = running.stage(sl="1.09000")
    running.filled(entry)
    amend = running.stage("amend", side="buy", sl="1.09500", ref_price="1.10000")
    running.until(lambda: running.state(amend) == "done")
    assert running.broker.truth().positions[0]["sl"] == "1.095"
    running.agree()


def test_a_resting_order_is_filled_when_its_price_comes(running: Running) -> None:
    order = running.stage(order_type="limit", limit_price="1.09500", sl="1.09000", lots="0.10")
    running.until(lambda: running.state(order) == "working")
    running.price("1.09480")
    running.filled(order)
    running.agree()


def test_a_resting_order_is_taken_back(running: Running) -> None:
    order = running.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    running.until(lambda: running.state(order) == "working")
    decision_stage(decision_id=running.desk.decide("cancel", side="any").id)
    running.until(lambda: running.state(order) == "cancelled")
    assert running.broker.truth().orders == []
    running.agree()


def test_a_resting_order_ends_at_its_moment(running: Running) -> None:
    until = now() + timedelta(seconds=8)
    order = running.stage(order_type="limit", limit_price="1.05000", tif="gtd", good_until=until)
    running.until(lambda: running.state(order) == "working")
    running.until(lambda: running.state(order) == "expired", 30)
    assert running.broker.truth().orders == []
    running.agree()


def test_a_stop_that_is_hit(running: Running) -> None:
    entry = running.stage(sl="1.09900")
    running.filled(entry)
    running.price("1.09800")
    running.until(lambda: Position.objects.get().closed_at)
    assert Deal.objects.get(entry="out").reason == "sl"
    running.agree()


def test_what_a_person_trades_is_told(running: Running) -> None:
    running.broker.balance(Decimal(500))
    running.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.20"))
    running.until(lambda: Position.objects.filter(order=None).exists())
    running.agree()


def test_a_lost_answer_gives_the_same_lease_and_one_deal(running: Running) -> None:
    running.web("poll", 5202, when="after", times=2)
    entry = running.stage()
    running.filled(entry)
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_lease_that_ended_is_handed_out_anew_and_traded_once(running: Running) -> None:
    """Every answer is lost until the lease is over."""
    running.web("poll", 5202, when="after", times=1000)
    entry = running.stage()
    running.until(lambda: running.state(entry) == "unknown", 20)
    running.broker.say("forget_faults")
    running.filled(entry)
    entry.refresh_from_db()
    assert entry.fence == 2
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_terminal_that_hung_finds_its_entry_over_and_goes_on(running: Running) -> None:
    os.kill(running.child.pid, signal.SIGSTOP)
    entry = running.stage(valid_seconds=4)
    running.until(lambda: running.state(entry) == "expired", 20)
    os.kill(running.child.pid, signal.SIGCONT)
    again = running.stage()
    running.filled(again)
    assert running.deals_of(entry) == []
    running.agree()


@pytest.mark.parametrize("status", [503, 5201])
def test_a_server_that_is_away_for_a_while(running: Running, status: int) -> None:
    running.web("", status, times=6)
    entry = running.stage()
    running.filled(entry)
    running.agree()


def test_a_killed_terminal_goes_on_when_its_former_run_is_silent(running: Running) -> None:
    entry = running.stage()
    running.filled(entry)
    running.kill()
    running.start()
    closing = running.stage("exit", side="sell")
    running.filled(closing, 90)
    assert running.broker.truth().positions == []
    running.agree()


def test_a_terminal_that_dies_as_it_sends_finds_its_deal(running: Running) -> None:
    running.broker.crash("OrderSend", "after", match="deal")
    entry = running.stage()
    running.until(lambda: running.child.poll() is not None)
    running.broker.say("forget_faults")
    running.start()
    running.filled(entry, 90)
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_timeout_that_was_carried_out_is_found(running: Running) -> None:
    running.broker.fault("request", match="deal", effect="execute", retcode=10012)
    entry = running.stage()
    running.filled(entry)
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_requote_is_asked_again(running: Running) -> None:
    running.broker.fault("request", match="deal", effect="refuse", retcode=10004)
    entry = running.stage()
    running.filled(entry)
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_stop_that_cannot_go_with_the_order_follows_at_once(running: Running) -> None:
    running.broker.fault("request", match="deal", effect="refuse", retcode=10016)
    entry = running.stage(sl="1.09000")
    running.filled(entry)
    assert running.broker.truth().positions[0]["sl"] == "1.09"
    running.agree()


def test_a_halt_takes_resting_entries_back(running: Running) -> None:
    order = running.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    running.until(lambda: running.state(order) == "working")
    account_halt(running.desk.account.id)
    running.until(lambda: running.broker.truth().orders == [], 20)
    running.until(lambda: running.state(order) == "cancelled", 20)
    running.agree()


def test_a_revoked_key_and_a_new_one(running: Running) -> None:
    key_revoke(key_id=ExecutorKey.objects.get().id, actor="user:1")
    running.until(lambda: "key_refused" in running.log(), 20)
    issued = key_issue(account_id=running.desk.account.id, label="ea", actor="user:1")
    running.stop()
    running.start(Key=issued.text)
    entry = running.stage()
    running.filled(entry)
    running.agree()


def test_a_copy_of_the_terminal_never_gets_in(running: Running) -> None:
    running.start("copy")
    running.until(lambda: "conflict" in running.log("copy"), 20)
    entry = running.stage()
    running.filled(entry)
    assert len(running.deals_of(entry)) == 1
    running.agree()


def test_a_signed_key(terminal: Running) -> None:
    issued = key_issue(
        account_id=terminal.desk.account.id, label="ea", actor="user:1", is_signed=True
    )
    terminal.stop()
    terminal.start(Key=issued.text, SigningKey=issued.signing_text)
    terminal.ready()
    entry = terminal.stage()
    terminal.filled(entry)
    terminal.agree()


def test_a_kill_file_stops_entries_and_is_told(running: Running) -> None:
    folder = running.home / "terminal" / "MQL5" / "Files" / "Fusion"
    (folder / "KILL.txt").write_text("")
    entry = running.stage()
    running.until(lambda: running.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.message == "kill_file"
    (folder / "KILL.txt").unlink()
    again = running.stage()
    running.filled(again)
    running.agree()
