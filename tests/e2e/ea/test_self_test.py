"""The script that a trader runs after installing, on this host."""

from pathlib import Path

from mql5.host.build import build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import load
from mql5.host.running import Terminal, run
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = NEEDS_COMPILER
SOURCE = Path(__file__).resolve().parents[3] / "mql5" / "Scripts" / "ScriptSelfTest.mq5"


def test_the_self_test_finds_no_fault(tmp_path: Path) -> None:
    program = load(SOURCE)
    assert lint(program) == []
    binary = build(program, tmp_path / "built", toolchain())
    ended = run(binary, Terminal(tmp_path / "terminal", seconds=5), 60)
    assert ended.code == 0
    assert "FAIL" not in ended.out
    assert " passed, 0 failed" in ended.out
