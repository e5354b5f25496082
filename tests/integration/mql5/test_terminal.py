"""The host as a terminal: events in order, clocks, files, globals, requests, crashes."""

import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mql5.host.running import CRASHED, REFUSED, Lockstep, Terminal, run
from tests.integration.mql5.hosting import LIMIT, NEEDS_COMPILER, built, ran, told

pytestmark = NEEDS_COMPILER
START = datetime(2026, 1, 5, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)


def test_events_come_in_order_and_the_first_beat_after_one_period(
    terminal: Path, tmp_path: Path
) -> None:
    ended = ran(terminal, tmp_path, seconds=2.5)
    assert ended.code == 0
    assert told(ended.out) == ["init", "beat 1 00:00:01", "beat 2 00:00:02", "deinit 9 true"]


def test_beats_that_fall_due_while_one_is_handled_are_not_made_up(
    terminal: Path, tmp_path: Path
) -> None:
    ended = ran(terminal, tmp_path, seconds=8, Sleep=2500)
    beats = [one for one in told(ended.out) if one.startswith("beat")]
    assert beats == ["beat 1 00:00:01", "beat 2 00:00:04", "beat 3 00:00:07"]


def test_a_program_may_remove_itself_and_end_its_timer(terminal: Path, tmp_path: Path) -> None:
    removed = told(ran(terminal, tmp_path, seconds=9, Case="remove").out)
    assert removed == ["init", "beat 1 00:00:01", "beat 2 00:00:02", "deinit 0 true"]
    silent = told(ran(terminal, tmp_path, seconds=9, Case="kill timer").out)
    assert silent == [*removed[:-1], "deinit 9 true"]


def test_a_refused_start_is_ended_with_its_reason(terminal: Path, tmp_path: Path) -> None:
    ended = ran(terminal, tmp_path, Case="refuse")
    assert ended.code == REFUSED
    assert told(ended.out) == ["init", "deinit 8 true"]
    assert "OnInit gave 32767" in ended.err


def test_the_same_program_runs_by_the_real_clock(terminal: Path, tmp_path: Path) -> None:
    inputs = {"InpPeriod": "50"}
    began = time.time()
    ended = run(terminal, Terminal(tmp_path, "real", seconds=0.3, inputs=inputs), LIMIT)
    beats = [one for one in ended.out.splitlines() if " beat " in one]
    assert ended.code == 0
    assert 1 <= len(beats) <= 6
    stamp = datetime.strptime(beats[0][:19], "%Y.%m.%d %H:%M:%S").replace(tzinfo=UTC)
    assert abs(stamp.timestamp() - began) < LIMIT


def test_a_script_runs_once_and_ends(shared: Path, tmp_path: Path) -> None:
    ended = ran(built("script", shared), tmp_path, seconds=9)
    assert ended.code == 0
    assert told(ended.out) == ["once"]


def test_files_are_written_read_moved_and_deleted_in_the_sandbox(
    terminal: Path, tmp_path: Path
) -> None:
    ended = ran(terminal, tmp_path, Case="files")
    assert told(ended.out)[1:7] == [
        "4 4 4",
        "3 253 true -1",
        "true false true",
        "true false 5019",
        "-1 5004",
        "0 5008",
    ]
    assert list((tmp_path / "MQL5" / "Files").iterdir()) == []


def test_globals_outlive_a_restart_and_temporary_ones_do_not(
    terminal: Path, tmp_path: Path
) -> None:
    boots = [told(ran(terminal, tmp_path, Case="globals").out)[1] for _ in range(3)]
    assert boots == ["boot 1 false 2", "boot 2 false 2", "boot 3 false 2"]


def test_globals_unused_for_four_weeks_are_gone(terminal: Path, tmp_path: Path) -> None:
    ran(terminal, tmp_path, Case="globals")
    inputs = {"InpCase": "globals"}
    kept = Terminal(tmp_path, start=START.replace(month=2, day=1), seconds=1, inputs=inputs)
    assert told(run(terminal, kept, LIMIT).out)[1] == "boot 2 false 2"
    late = Terminal(tmp_path, start=START.replace(month=3, day=2), seconds=1, inputs=inputs)
    assert told(run(terminal, late, LIMIT).out)[1] == "boot 1 false 2"


@pytest.mark.parametrize(("case", "after"), [("globals", 1), ("globals flushed", 2)])
def test_a_crash_loses_the_globals_that_were_not_flushed(
    terminal: Path, tmp_path: Path, case: str, after: int
) -> None:
    with stepped(terminal, tmp_path, Case=case) as step:
        assert step.kill().code == CRASHED
    again = told(ran(terminal, tmp_path, Case=case).out)
    assert again[1] == f"boot {after} false 2"


@pytest.mark.parametrize(
    ("torn", "left"), [(0, b"first\r\n"), (3, b"first\r\nsec"), (99, b"first\r\nsecond\r\n")]
)
def test_a_crash_leaves_what_was_flushed_and_a_torn_rest(
    terminal: Path, tmp_path: Path, torn: int, left: bytes
) -> None:
    with stepped(terminal, tmp_path, Case="journal") as step:
        assert step.kill(torn).code == CRASHED
    journal = tmp_path / "MQL5" / "Files" / "log" / "journal.txt"
    assert journal.read_bytes() == left
    again = told(ran(terminal, tmp_path, Case="journal").out)
    assert [one for one in again if one.startswith("read")] == [
        f"read {line}" for line in left.decode().splitlines()
    ]


@contextlib.contextmanager
def stepped(binary: Path, home: Path, **inputs: object) -> Iterator[Lockstep]:
    words = {f"Inp{name}": str(value) for name, value in inputs.items()}
    terminal = Terminal(home, "lockstep", START, inputs=words)
    with Lockstep(binary, terminal, home / "log.txt") as step:
        yield step


def test_a_driver_moves_the_clock_and_the_program_waits_for_it(
    terminal: Path, tmp_path: Path
) -> None:
    with stepped(terminal, tmp_path, Sleep=300) as step:
        assert told(step.log) == ["init"]
        waits = [
            (one.why, one.now - START_MS, one.wake - START_MS)
            for one in step.steps(START_MS + 2000)
        ]
        assert waits == [
            ("timer", 0, 1000),
            ("sleep", 1000, 1300),
            ("timer", 1300, 2000),
        ]
        ended = step.stop()
    assert ended.code == 0
    assert told(ended.out) == ["init", "beat 1 00:00:01", "beat 2 00:00:02", "deinit 9 true"]


def test_a_driver_may_wake_the_program_before_or_long_after_it_wants(
    terminal: Path, tmp_path: Path
) -> None:
    with stepped(terminal, tmp_path) as step:
        early = step.go(START_MS + 400)
        assert early is not None
        assert (early.now - START_MS, early.wake - START_MS) == (400, 1000)
        late = step.go(START_MS + 5500)
        assert late is not None
        assert (late.now - START_MS, late.wake - START_MS) == (5500, 6000)
        assert told(step.log) == ["init", "beat 1 00:00:05"]


def test_a_driver_that_goes_away_ends_the_program_in_order(terminal: Path, tmp_path: Path) -> None:
    with stepped(terminal, tmp_path) as step:
        step._socket.shutdown(2)
        ended = step.stop()
    assert ended.code == 0
    assert told(ended.out)[-1] == "deinit 9 true"


class Answering(BaseHTTPRequestHandler):
    """Answers by the path; keeps what was asked."""

    asked: list[tuple[str, str, bytes]] = []
    silence = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Content-Type"], body))
        if self.path == "/silent":
            self.silence.wait(LIMIT)
            return
        if self.path == "/broken":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        self.send_response(int(self.path[1:4]) if self.path[1:4].isdigit() else 200)
        self.send_header("X-Kind", "test")
        answer = "gr\u00fc\u00df".encode() if self.path != "/huge" else b"x" * 1_000_000
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        elif self.path == "/cut":
            self.send_header("Content-Length", "99")
            self.end_headers()
            self.wfile.write(answer)
        else:
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Answering.silence.set()
    server.shutdown()
    thread.join()
    server.server_close()


def asked(binary: Path, home: Path, url: str, allowed: str, timeout: int = 5000) -> list[str]:
    inputs = {"InpCase": "ask", "InpUrl": url, "InpTimeout": str(timeout)}
    terminal = Terminal(home, seconds=1, inputs=inputs, allowed=[allowed])
    return told(run(binary, terminal, LIMIT).out)[1:3]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/orders?a=1", "status 200 error 0 took 20 size 6 gr\u00fc\u00df"),
        ("/503", "status 503 error 0 took 20 size 6 gr\u00fc\u00df"),
        ("/302", "status 302 error 0 took 20 size 6 gr\u00fc\u00df"),
        ("/chunked", "status 200 error 0 took 20 size 5 abcde"),
        ("/huge", "status 200 error 0 took 20 size 1000000 " + "x" * 60),
    ],
)
def test_a_request_goes_over_a_socket_and_its_answer_comes_whole(
    terminal: Path, tmp_path: Path, address: str, path: str, words: str
) -> None:
    Answering.asked.clear()
    assert asked(terminal, tmp_path, address + path, address) == [words, "kind true"]
    assert Answering.asked == [(path, "application/json", b'{"n":1}')]


@pytest.mark.parametrize(
    ("path", "error", "took"), [("/broken", 5203, 0), ("/cut", 5203, 0), ("/silent", 5202, 300)]
)
def test_an_answer_that_breaks_off_or_never_comes_is_an_error(
    terminal: Path, tmp_path: Path, address: str, path: str, error: int, took: int
) -> None:
    found = asked(terminal, tmp_path, address + path, address, 300 if took else 5000)
    assert found == [f"status -1 error {error} took {took} size 0 ", "kind false"]


@pytest.mark.parametrize(
    ("url", "allowed", "error"),
    [
        ("{}/orders", "http://127.0.0.1", 4014),  # another port
        ("{}0/orders", "{}", 4014),
        ("{}/other", "{}/orders", 4014),
        ("{}/ordersandmore", "{}/orders", 4014),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1", 5200),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1", 5201),
    ],
)
def test_an_address_that_is_not_allowed_or_not_there_is_an_error(
    terminal: Path, tmp_path: Path, address: str, url: str, allowed: str, error: int
) -> None:
    Answering.asked.clear()
    found = asked(terminal, tmp_path, url.format(address), allowed.format(address))
    assert found[0] == f"status -1 error {error} took 0 size 0 "
    assert Answering.asked == []


def test_a_request_lets_the_driver_move_the_clock(
    terminal: Path, tmp_path: Path, address: str
) -> None:
    words = {"InpCase": "ask", "InpUrl": f"{address}/x"}
    home = Terminal(tmp_path, "lockstep", START, allowed=[address], inputs=words)
    with Lockstep(terminal, home, tmp_path / "log.txt") as step:
        assert step.yielded is not None
        assert (step.yielded.why, step.yielded.wake - START_MS) == ("http", 20)
        step.go()
        assert step.yielded.why == "timer"
        step.stop()
