"""The command: what it prints and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pine.harness.lint.__main__ import main
from pine.harness.lint.checking import READING, RULES
from tests.unit.pine.planting import PATHS, ROOT, planted, source_of


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pine.harness.lint", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_without_files_it_reads_every_script_and_ends_well() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{len(PATHS)} scripts, 0 faults in 0 of them\n"


def test_a_fault_is_named_with_file_line_and_rule_and_ends_badly(tmp_path: Path) -> None:
    bad = tmp_path / "df-bars.pine"
    bad.write_text(planted("df-bars", "alert.freq_once_per_bar_close", "alert.freq_all"))
    line = source_of("df-bars").split("    alert(barSignal()")[0].count("\n") + 1
    done = run(str(bad))
    assert done.returncode == 1
    fault, counts = done.stdout.splitlines()
    assert fault.startswith(f"{bad}:{line}: alert-frequency: write alert(")
    assert counts == "1 scripts, 1 faults in 1 of them"


def test_a_file_that_is_not_there_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pine/no-such.pine"]) == 2
    assert "no-such.pine: No such file" in capsys.readouterr().err


def test_a_byte_order_mark_and_strange_bytes_are_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "df-bars.pine"
    bad.write_bytes(b"\xef\xbb\xbf" + source_of("df-bars").encode() + b"// \xff\n")
    assert main([str(bad)]) == 1
    out = capsys.readouterr().out
    assert f"{bad}:1: version-line" in out
    assert out.count(": ascii: ") == 2


def test_windows_line_ends_are_a_fault(tmp_path: Path) -> None:
    bad = tmp_path / "df-bars.pine"
    bad.write_bytes(source_of("df-bars").replace("\n", "\r\n").encode())
    assert main([str(bad)]) == 1


def test_faults_of_layout_keep_the_other_rules_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A tree with holes would accuse lines that are right."""
    bad = tmp_path / "other-name.pine"
    bad.write_text(planted("df-bars", "    count += 1", "  count += 1"))
    assert main([str(bad)]) == 1
    assert capsys.readouterr().out.endswith("\n1 scripts, 1 faults in 1 of them\n")


def test_the_help_names_every_rule_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    reasons = {**{rule.code: rule.reason for rule in RULES}, **READING}
    assert len(reasons) == len(RULES) + len(READING)
    for code, reason in reasons.items():
        assert f"  {code:20} {reason}" in text


def test_a_line_that_is_nested_too_deep_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    deep = tmp_path / "deep.pine"
    deep.write_text(f'//@version=6\nindicator("x")\nfloat a = {"(" * 3000}1{")" * 3000}\n')
    ended = run(str(deep))
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "syntax: something is nested too deep" in ended.stdout
