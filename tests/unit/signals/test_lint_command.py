"""`manage.py lint_alert`: a table for people, one JSON line a message for programs."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from signals.intents.intent import Intent
from signals.management.commands.lint_alert import EXAMPLE, Command
from tests.unit.signals.dialects.test_published_samples import (
    LINES,
    needs_samples,
)

ROOT = Path(__file__).parents[3]
# Lines that allow no alternative.
PLAIN = [line for line in LINES if "acceptable" not in line["why"]]
NOW = "2026-03-02T14:30:10Z"
BUY = {"body": '{"ticker": "EURUSD", "action": "buy", "time": "2026-03-02T14:30:05Z"}'}
LATE = {"body": '{"ticker": "EURUSD", "action": "buy", "time": "2026-03-02T13:30:05Z"}'}
WORD = {"content_type": "text/plain", "body": '{"ticker": "AMD", "action": "hodl"}'}


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("lint_alert", *arguments, "--now", NOW, stdout=out)
    return out.getvalue()


def _file(tmp_path: Path, *lines: Any) -> str:
    path = tmp_path / "alerts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def _stdin(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    source = SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", source)


def test_each_message_gives_one_json_line_in_order(tmp_path) -> None:
    path = _file(tmp_path, BUY, WORD, LATE)
    lines = [json.loads(line) for line in _run("--file", path, "--format", "jsonl").splitlines()]
    assert [sorted(line) for line in lines] == [["dialect", "intent", "reason", "verdict"]] * 3
    assert [(one["verdict"], one["reason"]) for one in lines] == [
        ("accept", None),
        ("refuse", "unknown_event"),
        ("refuse", "stale"),
    ]
    assert lines[0]["intent"]["schema"] == "df.intent"
    assert lines[1]["intent"] is None


@needs_samples
def test_every_published_message_is_judged_as_its_line_expects(tmp_path: Path) -> None:
    printed = _run("--file", _file(tmp_path, *PLAIN), "--format", "jsonl").splitlines()
    assert len(printed) == len(PLAIN)
    for line, text in zip(PLAIN, printed, strict=True):
        judged = json.loads(text)
        assert judged["verdict"] == {"accept": "accept", "reject": "refuse"}[line["expect"]], line
        assert (judged["reason"] is None) == (judged["verdict"] == "accept")
        assert judged["intent"] is None or Intent.from_dict(judged["intent"])


@needs_samples
def test_the_table_counts_what_came_as_expected(tmp_path: Path) -> None:
    table = _run("--file", _file(tmp_path, *PLAIN))
    assert table.splitlines()[-1].endswith(f"{len(PLAIN)} of {len(PLAIN)} as expected.")
    assert "conflicting_sizes" in table


def test_the_table_marks_a_message_that_is_not_judged_as_expected(tmp_path) -> None:
    table = _run("--file", _file(tmp_path, {**WORD, "expect": "accept"}))
    assert "expected accept" in table
    assert "0 of 1 as expected" in table


def test_one_message_comes_from_standard_input_with_every_check(monkeypatch) -> None:
    _stdin(monkeypatch, LATE["body"].encode())
    text = _run()
    assert text.startswith("refuse  stale\n")
    assert "Buy EURUSD at the market" in text
    assert "FAIL  Age" in text
    _stdin(monkeypatch, b"\xff")
    assert json.loads(_run("--format", "jsonl"))["reason"] == "not_utf8"


def test_half_a_surrogate_pair_in_the_file_is_judged_and_not_a_crash(tmp_path) -> None:
    path = _file(tmp_path, {"body": '{"symbol": "\ud800"}'})
    assert json.loads(_run("--file", path, "--format", "jsonl"))["reason"] == "not_utf8"


@pytest.mark.parametrize("line", ["{", '["body"]', '{"body": 1}', '{"content_type": "x"}'])
def test_a_line_without_a_message_stops_with_its_number(tmp_path, line) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text(json.dumps(BUY) + "\n" + line + "\n")
    with pytest.raises(CommandError, match="line 2"):
        _run("--file", str(path))


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(BUY).encode() + b"\r\n")
    assert json.loads(_run("--file", str(path), "--format", "jsonl"))["verdict"] == "accept"


def test_what_is_asked_for_is_marked_where_the_table_cuts_it(tmp_path) -> None:
    legs = '{"symbol": "EURUSD", "side": "buy", "sl_pips": "%s", "tp_pips": "%s", "qty": "%s"}'
    number = "1234567890.1234567891"
    (line,) = (
        row
        for row in _run("--file", _file(tmp_path, {"body": legs % ((number,) * 3)})).splitlines()
        if "generic_json" in row
    )
    assert line.endswith("…")


def test_a_refused_message_comes_with_hints(monkeypatch) -> None:
    _stdin(monkeypatch, b'{"ticker": "{{ticker}}", "action": "buy"}')
    assert "Hint: It still holds {{ticker}}." in _run()


def test_a_strategy_without_a_database_is_refused_in_words(tmp_path) -> None:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "lint_alert",
            "--file",
            _file(tmp_path, BUY),
            "--strategy",
            "trend",
        ],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: --strategy asks the database")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("moment", ["today", "2026-03-02T14:30:10"])
def test_a_time_without_its_zone_is_refused(tmp_path, moment) -> None:
    with pytest.raises(CommandError, match="--now"):
        call_command("lint_alert", "--file", _file(tmp_path, BUY), "--now", moment)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--now", "0001-01-01T00:00:00+14:00"),
        ("--now", "9999-12-31T23:59:59-10:00"),
        ("--stale-seconds", "0"),
        ("--stale-seconds", "-5"),
        ("--stale-seconds", "9" * 20),
        ("--stale-seconds", "two"),
    ],
)
def test_a_time_or_an_age_out_of_range_is_refused_in_words(tmp_path, option, value) -> None:
    with pytest.raises(CommandError, match=option):
        call_command("lint_alert", "--file", _file(tmp_path, BUY), f"{option}={value}")


PAGES = ("docs/alerts.md", "docs/alerts-rules.md")
PIPED = re.compile(r"^printf '(.*)' \| \./manage\.py lint_alert$", re.M)


@pytest.mark.parametrize("page", PAGES)
def test_the_first_example_of_a_page_is_accepted(page: str, monkeypatch) -> None:
    (body, *_) = PIPED.findall((ROOT / page).read_text())
    _stdin(monkeypatch, body.encode())
    assert _run().startswith("accept\n")


def test_the_example_of_its_own_help_is_accepted_and_stands_on_the_page(monkeypatch) -> None:
    (body,) = PIPED.findall(EXAMPLE)
    assert EXAMPLE in Command.help
    assert EXAMPLE in (ROOT / "docs/alerts.md").read_text()
    _stdin(monkeypatch, body.encode())
    assert _run().startswith("accept\n")


FILLED = {
    "exchange": "OANDA",
    "ticker": "EURUSD",
    "close": "1.0850",
    "timenow": "2026-03-02T14:30:05Z",
}
ORDERS = [("buy", "flat", "long"), ("sell", "long", "flat"), ("sell", "long", "short")]


@pytest.mark.parametrize(("action", "before", "after"), ORDERS)
def test_every_message_of_the_page_for_traders_is_accepted_once_it_is_filled_in(
    action: str, before: str, after: str, monkeypatch
) -> None:
    filled = {
        **FILLED,
        "strategy.order.action": action,
        "strategy.prev_market_position": before,
        "strategy.market_position": after,
    }
    text = (ROOT / "docs/alerts.md").read_text()
    bodies = re.findall(r"^```(?:json|text)\n(.*?)\n```", text, re.M | re.S)
    assert len(bodies) >= 4
    for body in bodies:
        for name, value in filled.items():
            body = body.replace(f"{{{{{name}}}}}", value)
        _stdin(monkeypatch, body.encode())
        assert _run().startswith("accept\n"), body


def test_it_needs_no_settings_and_no_database(tmp_path) -> None:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "manage.py", "lint_alert", "--file", _file(tmp_path, BUY), "--now", NOW],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 messages: 1 accepted" in done.stdout
