"""The command `python -m mql5.host`: what it prints and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mql5.host.build import COVERAGE, SANITIZERS, toolchain
from mql5.host.running import CRITICAL
from tests.architecture.source import ROOT
from tests.integration.mql5.hosting import NEEDS_COMPILER, PROGRAMS, built, ran, told

LANGUAGE = str(PROGRAMS / "language.mq5")


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mql5.host", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_help_lists_actions_exit_codes_and_every_rule() -> None:
    told_ = command("--help")
    assert told_.returncode == 0
    for word in ("lint", "build", "run", "exit codes", "unknown-call", "uninitialised"):
        assert word in told_.stdout


def test_lint_counts_files_and_ends_well_without_faults() -> None:
    done = command("lint", LANGUAGE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 files, 0 faults\n", "")


def test_a_fault_ends_badly_and_nothing_is_compiled(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mq5"
    bad.write_text("int OnInit() {\nint *p = new int;\nreturn 0; }\n")
    done = command("build", str(bad), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert f"{bad}:2: word: new: no pointers" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = command("run", str(tmp_path / "none.mq5"))
    assert (done.returncode, done.stderr) == (
        1,
        f"{tmp_path}/none.mq5: No such file or directory\n",
    )


def test_without_a_compiler_nothing_passes_silently() -> None:
    done = command("run", LANGUAGE, PATH="/nowhere")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("No C++ compiler (g++, clang++, clang++-14); on Debian: ")


@NEEDS_COMPILER
def test_run_prints_what_the_program_prints_and_ends_as_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "small.mq5"
    path.write_text(
        "input int InpBy = 1; // divisor\n"
        'int OnInit() {\nPrint("by ", InpBy);\nreturn 7 / InpBy - 7; }\n'
    )
    home = tmp_path / "home"
    done = command("run", str(path), "--input", "InpBy=0", "--home", str(home))
    assert done.returncode == CRITICAL
    assert told(done.stdout) == ["by 0"]
    assert done.stderr == f"{path}:4: zero divide\n"
    assert (home / "MQL5" / "Files").is_dir()


@NEEDS_COMPILER
@pytest.mark.long
def test_coverage_is_told_on_the_lines_of_the_mql5_files(shared: Path, tmp_path: Path) -> None:
    binary = built("terminal", shared / "coverage", toolchain("g++", COVERAGE))
    assert ran(binary, tmp_path, seconds=2).code == 0
    notes = next(binary.parent.glob("*.gcda"))
    told_ = subprocess.run(
        ["gcov", "--stdout", "-o", str(binary.parent), str(notes)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    ).stdout
    part = told_.split(f"Source:{PROGRAMS}/terminal.mq5")[1].split("Source:")[0]
    counts = {
        words[1].strip(): words[0].strip()
        for line in part.splitlines()
        if len(words := line.split(":", 2)) == 3
    }
    lines = (PROGRAMS / "terminal.mq5").read_text().splitlines()
    beat = next(at for at, line in enumerate(lines, 1) if "beats++" in line)
    killed = next(at for at, line in enumerate(lines, 1) if "EventKillTimer" in line)
    assert counts[str(beat)] == "2"
    assert counts[str(killed)] == "#####"


@pytest.mark.long
def test_programs_run_under_the_sanitizers_of_clang(shared: Path, tmp_path: Path) -> None:
    try:
        tools = toolchain("clang++-14", SANITIZERS)
    except Exception as fault:
        pytest.skip(f"SKIPPED: {fault}")
    binary = built("language", shared / "sanitized", tools)
    for case in ("values", "texts"):
        ended = ran(binary, tmp_path, Case=case)
        assert (ended.code, ended.err) == (0, "")
        assert len(told(ended.out)) >= 6
