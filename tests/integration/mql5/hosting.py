"""Compiles the programs of these tests once for all workers; without a compiler: skipped.

EA_COMPILER and EA_SANITIZE=1 in the environment choose another compiler and its sanitizers.
"""

import os
import shutil
from pathlib import Path

import pytest

from mql5.host.build import COMPILERS, SANITIZERS, Toolchain, alone, build, toolchain
from mql5.host.lint.checking import lint
from mql5.host.program import HostError, load
from mql5.host.running import Ended, Terminal, run

PROGRAMS = Path(__file__).with_name("programs") / "Experts"
NEEDS_COMPILER = pytest.mark.skipif(
    not any(map(shutil.which, COMPILERS)),
    reason="SKIPPED: no C++ compiler, so no Expert Advisor was run; apt-get install g++",
)
LIMIT = 60.0


def chosen_tools() -> Toolchain:
    extra = SANITIZERS if os.environ.get("EA_SANITIZE") == "1" else ()
    return toolchain(os.environ.get("EA_COMPILER", ""), extra)


def built(name: str, shared: Path, tools: Toolchain | None = None) -> Path:
    """The compiled program; `shared` is a folder of the whole test session."""
    tools = tools or chosen_tools()
    folder = shared / f"{name}-{tools.compiler}"
    with alone(folder.with_suffix(".lock")):
        if not (folder / "program").exists():
            program = load(PROGRAMS / f"{name}.mq5")
            assert lint(program) == []
            build(program, folder, tools)
    return folder / "program"


def compile_fault(folder: Path, text: str) -> str:
    """What the compiler says about a program that the linter lets pass."""
    path = folder / "Experts" / "odd.mq5"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    program = load(path)
    assert lint(program) == []
    with pytest.raises(HostError) as caught:
        build(program, folder / "out", toolchain())
    return str(caught.value)


def ran(binary: Path, home: Path, seconds: float = 1, **inputs: object) -> Ended:
    words = {f"Inp{name}": str(value) for name, value in inputs.items()}
    return run(binary, Terminal(home, seconds=seconds, inputs=words), LIMIT)


def told(out: str) -> list[str]:
    """What was printed, without the stamps."""
    return [line[24:].removeprefix("Print: ") for line in out.splitlines()]


def line_of(name: str, mark: str) -> int:
    """The line of a program that carries a comment."""
    lines = (PROGRAMS / f"{name}.mq5").read_text().splitlines()
    (found,) = [at for at, line in enumerate(lines, 1) if line.endswith(f"// {mark}")]
    return found
