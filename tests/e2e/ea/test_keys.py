"""Who may talk for an account: keys, instances, copies; and which minor both sides read."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from execution.models import BrokerAccount, ExecutorKey, Report, Terminal
from execution.services.keys import key_issue, key_revoke
from fusion_project.events.clock import now
from tests.e2e.ea.bench import LOGIN, SERVER, WARM_UP, Bench, fnv_1a
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
    bench.seconds(6)
    bench.check(incidents=tuple(bench.incidents()))


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


def test_a_server_of_minor_1_is_told_no_member_of_minor_2(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution.answers.API_MINOR", 1)
    bench = bench_make()
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    bench.seconds(WARM_UP)
    from execution.models import Report, Terminal

    assert Terminal.objects.get(account=bench.desk.account).positions is None
    assert not any('"sl"' in one.raw for one in Report.objects.filter(kind="deal"))
    bench.check()


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
