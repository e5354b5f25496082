"""The server is slow, wrong, away or somebody else's; the Expert Advisor trades nothing by luck."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, ExecutorKey, Position
from execution.services.keys import key_issue, key_revoke
from fusion_project.events.clock import now
from tests.builders.switches import account_halt
from tests.e2e.ea.bench import LOGIN, SERVER, WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


def fnv_1a(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def web(
    bench: Bench,
    call: str,
    status: int,
    *,
    when: str = "before",
    times: int = 1,
    text: str = "",
    ms: int = 0,
) -> None:
    """What the next calls get instead of an answer; `after` lets the server do its part first."""
    bench.broker.fault(
        "WebRequest",
        when=when,
        match=f"executor/{call}",
        retcode=status,
        times=times,
        text=text,
        ms=ms,
    )


@pytest.mark.parametrize("call", ["poll", "reports", "heartbeat"])
def test_a_lost_answer_gives_the_same_again_and_one_deal(bench: Bench, call: str) -> None:
    web(bench, call, 5202, when="after", times=2, ms=3000)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled", 60)
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(10)
    bench.check()


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 502, 503, 5200, 5201, 5203, 1001])
def test_no_answer_that_counts_trades_nothing_and_is_gone_over(bench: Bench, status: int) -> None:
    web(bench, "poll", status, times=4)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled", 60)
    bench.seconds(10)
    bench.check()


BAD_ANSWERS = [
    "",
    "<html><body>Bad gateway</body></html>",
    "{",
    '{"orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": []}',
    '{"orders": {}, "permit": {"entries_allowed": true, "seconds": 3, "orders": []}, "desired": [],'
    ' "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [], "permit": {"entries_allowed": "yes", "seconds": 3, "orders": []},'
    ' "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [{"order_id": 4711, "fence": 1}], "permit": {"entries_allowed": true, "seconds": 3,'
    ' "orders": []}, "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": [{"order_id": "1", "fence": "1", "command": "cancel"}],'
    ' "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"server_time": "tomorrow"}',
    "[" * 2_000,
    '{"a": "' + "x" * 600_000 + '"}',
    '{"orders": [], "orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
]


@pytest.mark.parametrize("text", BAD_ANSWERS, ids=range(len(BAD_ANSWERS)))
def test_an_answer_that_cannot_be_read_trades_nothing_and_is_told(bench: Bench, text: str) -> None:
    web(bench, "poll", 200, times=2, text=text)
    bench.seconds(8)
    assert "cannot be read" in bench.log
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled", 60)
    bench.seconds(6)
    bench.check()


def test_verdicts_that_are_missing_leave_reports_untold(bench: Bench) -> None:
    empty = '{"reports": [], "gaps": [], "server_time": "2026-03-02T10:00:14.000Z"}'
    web(bench, "reports", 200, times=2, text=empty)
    bench.broker.balance(Decimal(5))
    bench.seconds(20)
    bench.check()


def _order(**changed: str) -> str:
    members = {
        "order_id": '"4711"',
        "fence": "1",
        "event": '"entry"',
        "broker_symbol": '"EURUSD"',
        "side": '"buy"',
        "order_type": '"market"',
        "volume_lots": '"0.10"',
        "limit_price": "null",
        "stop_price": "null",
        "sl": '"1.09"',
        "tp": "null",
        "position_ticket": '"0"',
        "trace_id": '"' + "a" * 32 + '"',
        "valid_until": "null",
        "lease_until": '"2026-03-02T10:01:00.000Z"',
        "needs_minor": "0",
    }
    members |= changed
    order = ", ".join(f'"{name}": {value}' for name, value in members.items())
    return (
        '{"orders": [{' + order + '}], "permit": {"entries_allowed": true, "seconds": 3, "orders":'
        ' [{"order_id": "4711", "fence": 1}]}, "desired": [],'
        ' "server_time": "2026-03-02T10:00:12.000Z"}'
    )


BAD_ORDERS = [
    {"event": '"open"'},
    {"side": '"long"'},
    {"order_type": '"iceberg"'},
    {"volume_lots": "0.1"},
    {"volume_lots": '"-0.10"'},
    {"volume_lots": '"0"'},
    {"volume_lots": '"1e3"'},
    {"sl": '"1.0000000000000001"'},
    {"sl": "1.09"},
    {"limit_price": '"1.05"'},
    {"tif": '"gtx"'},
    {"needs_minor": "4"},
    {"needs_minor": "1000"},
    {"sl_distance": '{"unit": "points", "value": "10"}'},
    {"position_ticket": '"12"'},
    {"target_order_id": '"12"'},
    {"broker_symbol": '""'},
    {"valid_until": '"soon"'},
    {"deviation_points": '"5"'},
    {"tp_distance": '{"unit": "miles", "value": "1"}'},
]


@pytest.mark.parametrize("changed", BAD_ORDERS, ids=lambda one: "-".join(one))
def test_an_order_that_is_not_understood_whole_is_refused_in_words(
    bench: Bench, changed: dict[str, str]
) -> None:
    web(bench, "poll", 200, text=_order(**changed))
    bench.seconds(3)
    assert "order 4711: " in bench.log
    assert bench.truth().positions == []
    bench.seconds(6)
    bench.check()


def test_a_good_order_of_the_same_form_is_sent(bench: Bench) -> None:
    """What the refusals above are worth: without the odd member the order goes out."""
    web(bench, "poll", 200, text=_order())
    bench.seconds(3)
    assert len(bench.truth().positions) == 1


def test_a_permit_counts_from_the_sending_of_the_poll(bench: Bench) -> None:
    """The answer takes 3.2 s: what it permits is over when it is here."""
    entry = bench.stage()
    web(bench, "poll", 200, text=_order(), ms=3200)
    bench.seconds(4)
    assert bench.truth().positions == []
    bench.until(lambda: bench.state(entry) == "filled", 30)


def test_a_lease_that_ended_comes_back_and_is_traded_once(bench: Bench) -> None:
    """The answer that handed it out was lost: it is told as never sent, and handed out anew."""
    web(bench, "poll", 5202, when="after", ms=3000)
    entry = bench.stage(valid_seconds=300)
    bench.until(lambda: bench.state(entry) == "leased")
    bench.kill()
    bench.pass_time(20)
    bench.start()
    bench.until(lambda: bench.state(entry) == "filled", 120)
    entry.refresh_from_db()
    assert entry.fence == 2
    assert len(bench.deals_of(entry)) == 1
    bench.seconds(6)
    bench.check()


def test_a_server_that_is_away_takes_resting_entries_back_and_leaves_stops(bench: Bench) -> None:
    entry = bench.stage(sl="1.09000")
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    web(bench, "", 5201, times=10_000)
    bench.seconds(58)
    assert len(bench.truth().orders) == 1
    bench.seconds(10)
    assert bench.truth().orders == []
    assert bench.truth().positions[0]["sl"] == "1.09"
    bench.broker.say("forget_faults")
    bench.until(lambda: bench.state(resting) == "cancelled", 60)
    assert bench.state(entry) == "filled"
    bench.seconds(6)
    bench.check(incidents=tuple(bench.incidents()))


def test_a_day_offline_is_told_when_the_server_is_back(bench: Bench) -> None:
    bench.kill()
    for hour in range(1, 25):
        moment = bench.now + timedelta(hours=hour)
        bench.broker.say(
            "trade", at=round(moment.timestamp() * 1000), type="buy", symbol="EURUSD", volume="0.01"
        )
    bench.pass_time(24 * 3600 + 60)
    bench.start()
    bench.until(lambda: Position.objects.count() == 24, 60)
    bench.seconds(10)
    bench.check(incidents=tuple(bench.incidents()))


def test_a_halted_account_sends_nothing_and_resting_entries_are_taken_back(bench: Bench) -> None:
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    entry = bench.stage()
    account_halt(bench.desk.account.id)
    bench.seconds(5)
    assert bench.truth().orders == []
    assert bench.truth().positions == []
    assert bench.state(entry) != "filled"
    bench.seconds(6)
    assert bench.state(resting) == "cancelled"


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
    bench.until(lambda: bench.state(entry) == "filled")
    bench.seconds(6)
    bench.check()


def test_a_connection_that_breaks_stops_entries_and_comes_back(bench: Bench) -> None:
    bench.broker.say("account", connected=False)
    entry = bench.stage(valid_seconds=300)
    bench.seconds(30)
    assert bench.truth().positions == []
    bench.broker.say("account", connected=True)
    bench.until(lambda: bench.state(entry) == "filled", 120)
    bench.seconds(6)
    bench.check()


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
    bench.until(lambda: bench.state(entry) == "filled")
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
    bench.until(lambda: bench.state(entry) == "filled")
    bench.seconds(6)
    bench.check()


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
    bench.until(lambda: bench.state(entry) == "filled")
    bench.seconds(6)
    bench.check(incidents=("executor.contested",))


def test_a_server_of_minor_1_is_told_no_member_of_minor_2(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("execution.answers.API_MINOR", 1)
    bench = bench_make()
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "filled")
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
