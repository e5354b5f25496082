"""Who may talk for an account: keys, instances, copies."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from execution.models import BrokerAccount, ExecutorKey
from execution.services.keys import key_issue, key_revoke
from fusion_project.events.clock import now
from mql5.host import running
from mql5.host.running import Lockstep
from tests.e2e.ea.bench import LOGIN, SERVER, WARM_UP, Bench, fnv_1a, milliseconds
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def test_a_key_of_another_account_is_refused_and_nothing_is_traded(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(desk={"login": "999999"})
    bench.seconds(10)
    assert "account_mismatch" in bench.log
    assert bench.account().instance == ""


def test_a_revoked_key_stops_entries_and_a_new_one_goes_on(bench: Bench) -> None:
    key = ExecutorKey.objects.get(account=bench.desk.account)
    key_revoke(key_id=key.id, actor="user:1")
    bench.seconds(10)
    assert "key_refused" in bench.log
    issued = key_issue(account_id=bench.desk.account.id, label="ea", actor="user:1")
    bench.restart(Key=issued.text)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_signed_key_signs_each_call(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make()
    bench.kill()
    issued = key_issue(account_id=bench.desk.account.id, label="ea", actor="user:1", is_signed=True)
    bench.pass_time(16)
    bench.start(Key=issued.text, SigningKey=issued.signing_text)
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_a_clock_that_is_minutes_off_still_signs_and_stops_entries(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    bench.kill()
    issued = key_issue(account_id=bench.desk.account.id, label="ea", actor="user:1", is_signed=True)
    bench.broker.say("account", at=1, skew_ms=300_000)
    bench.pass_time(16)
    bench.start(Key=issued.text, SigningKey=issued.signing_text)
    bench.seconds(20)
    assert "entries: clock_skew" in bench.log
    assert bench.account().heartbeat_at is not None
    bench.end()


def test_another_instance_is_told_409_and_gets_in_when_the_first_is_silent(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make()
    BrokerAccount.objects.filter(id=bench.desk.account.id).update(
        instance="another", instance_nonce="x", instance_seen_at=now() + timedelta(seconds=10)
    )
    bench.seconds(8)
    assert "instance_conflict" in bench.log
    bench.seconds(40)
    entry = bench.stage()
    bench.filled(entry)
    bench.end("executor.contested")


def test_two_programs_of_one_terminal_exclude_each_other(
    bench_make: Callable[..., Bench],
) -> None:
    """The lock shows its owner's signs of life; without any for 10 s it is taken over."""
    bench = bench_make()
    bench.kill()
    server = f"{fnv_1a(SERVER):016x}"[:8]
    lock = f"Fusion.{LOGIN}.{server}"
    used = round(bench.now.timestamp())
    (bench.home / "terminal" / "globals.txt").write_text(
        f"{lock}\t{(7.0).hex()} {used}\n{lock}.beat\t{(0.0).hex()} {used}\n"
    )
    bench.start()
    bench.seconds(8)
    assert "another FusionExecutor works for this account" in bench.log
    assert bench.account().instance == ""
    bench.seconds(20)
    assert bench.account().instance != ""
    bench.end()


def test_a_key_is_rotated_with_an_overlap_while_an_order_is_out(bench: Bench) -> None:
    """Both keys are live; the order that the former one leased is asked about and traded once."""
    old = ExecutorKey.objects.get(account=bench.desk.account)
    first = bench.stage()
    bench.filled(first)
    issued = key_issue(
        account_id=bench.desk.account.id, label="ea", actor="user:1", replaces_id=old.id
    )
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10018, times=2)
    waiting = bench.stage(valid_seconds=600)
    bench.until(lambda: bench.state(waiting) == "acknowledged")
    bench.restart(Key=issued.text)
    bench.filled(waiting, 240)
    assert len(bench.deals_of(waiting)) == 1
    closings = bench.desk.decide_and_stage("exit", side="sell")
    bench.until(lambda: bench.truth().positions == [])
    for closing in closings:
        bench.filled(closing)
    bench.end()


def test_a_rotated_key_ends_after_its_overlap(bench: Bench) -> None:
    old = ExecutorKey.objects.get(account=bench.desk.account)
    issued = key_issue(
        account_id=bench.desk.account.id,
        label="ea",
        actor="user:1",
        replaces_id=old.id,
        overlap=timedelta(seconds=30),
    )
    bench.seconds(20)
    entry = bench.stage()
    bench.filled(entry)
    bench.seconds(40)
    assert "key_refused" in bench.log
    bench.restart(Key=issued.text)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing, 60)
    bench.end()


def test_a_key_without_a_scope_cannot_lease(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make()
    bench.kill()
    issued = key_issue(
        account_id=bench.desk.account.id,
        label="ea",
        actor="user:1",
        scopes=("reports:write", "telemetry:write"),
    )
    bench.pass_time(16)
    bench.start(Key=issued.text)
    bench.stage()
    bench.seconds(20)
    assert bench.truth().positions == []
    assert "server: poll: 403" in bench.log
    bench.end()


def test_a_copy_of_a_terminal_never_gets_in(bench: Bench, tmp_path: Path) -> None:
    """A clone has the same files and another nonce in memory: it is told 409 in words."""
    bench.seconds(2)
    shutil.copytree(bench.home / "terminal", tmp_path / "clone")
    settings = bench.settings()
    clone = running.Terminal(
        tmp_path / "clone",
        clock="lockstep",
        start=bench.now,
        allowed=[bench.url],
        inputs=settings,
        broker=bench.broker.folder,
    )
    with Lockstep(bench.binary, clone, tmp_path / "clone.log") as step:
        for _ in range(80):
            if step.yielded is None or step.yielded.wake > milliseconds(bench.now):
                bench.seconds(1)
            if step.yielded is not None and step.yielded.wake <= milliseconds(bench.now):
                step.go()
        said = step.stop().out
    assert "instance_conflict" in said
    assert "Another copy of" in said
    entry = bench.stage()
    bench.filled(entry)
    bench.end("executor.contested")


def test_a_lost_name_of_the_instance_is_made_anew(bench: Bench) -> None:
    """Without its name it is another instance: nothing that may be out is sent again."""
    entry = bench.stage()
    bench.filled(entry)
    bench.kill()
    (name,) = bench.files.glob("*/instance.txt")
    name.write_text("not a name\n")
    bench.pass_time(16)
    bench.start()
    bench.seconds(WARM_UP)
    again = bench.stage()
    bench.filled(again)
    assert len(bench.truth().deals) == 3
    bench.end()
