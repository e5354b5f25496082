"""Compiles a translated program; the runtime is compiled once for each compiler and kept."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mql5.host.api_table import table
from mql5.host.header import header, promised
from mql5.host.program import HostError, Program, include_folder
from mql5.host.translate import translate

RUNTIME: Final = Path(__file__).with_name("runtime")
COMPILERS: Final = ("g++", "clang++", "clang++-14")
FLAGS: Final = (
    *("-std=c++17", "-g", "-fwrapv", "-ftrivial-auto-var-init=pattern"),
    *("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wfloat-conversion", "-Wno-unused-parameter"),
)
ERROR_LINES_MAX: Final = 200
PROGRAMS_KEPT: Final = 100
SANITIZERS: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
COVERAGE: Final = ("--coverage",)


# Optimised a little: only then the compiler sees what is used before it has a value.
OPTIMISED: Final = ("-O1",)
QUICK: Final = ("-O0", "-g0")


@dataclass(frozen=True)
class Toolchain:
    """`level` is the program's alone: the runtime is always optimised, for it looks at a price
    every quarter of a second, for days."""

    compiler: str
    extra: tuple[str, ...] = ()
    level: tuple[str, ...] = OPTIMISED

    @property
    def flags(self) -> tuple[str, ...]:
        return (*FLAGS, *self.extra)

    def version(self) -> str:
        told = _run([self.compiler, "--version"])
        return told.stdout.splitlines()[0]


def toolchain(compiler: str = "", extra: tuple[str, ...] = ()) -> Toolchain:
    """The compiler asked for, or the first there is. None is an error, never a reason to pass."""
    if sys.platform != "linux":
        raise HostError("The host runs on Linux only: `long` has other sizes elsewhere.")
    wanted = (compiler,) if compiler else COMPILERS
    for one in wanted:
        if shutil.which(one):
            return Toolchain(one, extra)
    raise HostError(f"No C++ compiler ({', '.join(wanted)}); on Debian: apt-get install g++")


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True)


def _compiled(words: list[str]) -> None:
    done = _run(words)
    if done.returncode != 0:
        told = "\n".join(done.stderr.strip().splitlines()[:ERROR_LINES_MAX])
        raise HostError(told or f"{words[0]} failed with {done.returncode}")


def _kept_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "fusion-ea-host"


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _headers_digest(tools: Toolchain) -> str:
    """Of all that each source of the runtime may see: compiler, flags, headers, the API."""
    headers = b"".join(path.read_bytes() for path in sorted(RUNTIME.rglob("*.hpp")))
    flags = " ".join([tools.version(), *tools.flags]).encode()
    return _digest(flags, headers, header(table()).encode(), promised(table()).encode())


def _compile_into(tools: Toolchain, folder: Path, source: Path) -> Path:
    """The object of a source, compiled where this very text was not compiled before."""
    made = folder / f"{source.stem}-{_digest(source.read_bytes())}.o"
    if not made.exists():
        command = [tools.compiler, *tools.flags, *OPTIMISED, f"-I{RUNTIME}", f"-I{folder}"]
        half = made.with_suffix(".half")
        _compiled([*command, "-c", str(source), "-o", str(half)])
        half.rename(made)
    return made


@dataclass(frozen=True)
class Runtime:
    folder: Path  # of the made headers
    objects: list[Path]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds a lock file, so that two processes do not make the same at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def runtime(tools: Toolchain) -> Runtime:
    """The compiled runtime; what was compiled before is kept for the next time.

    It counts no lines: coverage is asked for of the program alone.
    """
    tools = replace(tools, extra=tuple(one for one in tools.extra if one not in COVERAGE))
    kept = _kept_folder() / _headers_digest(tools)
    with alone(kept.with_suffix(".lock")):
        kept.mkdir(exist_ok=True)
        for name, text in (("api.hpp", header(table())), ("promised.cpp", promised(table()))):
            if not (kept / name).exists():  # another process may be reading it
                (kept / name).with_suffix(".half").write_text(text)
                (kept / name).with_suffix(".half").rename(kept / name)
        sources = [*sorted(RUNTIME.rglob("*.cpp")), kept / "promised.cpp"]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(lambda one: _compile_into(tools, kept, one), sources))
    return Runtime(kept, objects)


def build(program: Program, out: Path, tools: Toolchain, includes: Path | None = None) -> Path:
    """Translates and compiles; gives the executable. Faults name the MQL5 file and line."""
    made_runtime = runtime(tools)
    out.mkdir(parents=True, exist_ok=True)
    main = translate(program, includes or include_folder(program.main.path), out)
    binary, made = out / "program", out / "program.o"
    include = [f"-I{RUNTIME}", f"-I{made_runtime.folder}", f"-I{out}"]
    command = [tools.compiler, *tools.flags, *tools.level, *include]
    _compiled([*command, "-c", str(main), "-o", str(made)])
    objects = [str(one) for one in made_runtime.objects]
    _compiled([tools.compiler, *tools.flags, str(made), *objects, "-o", str(binary)])
    return binary


def build_kept(program: Program, tools: Toolchain) -> Path:
    """The executable of this very text, compiled where it was not compiled before.

    Not for counted lines: the counters of all runs would be one.
    """
    kept = _kept_folder() / "programs" / _program_digest(program, tools)
    with alone(kept.with_suffix(".lock")):
        if not (kept / "program").exists():
            half = kept.with_suffix(".half")
            build(program, half, tools)
            shutil.rmtree(kept, ignore_errors=True)
            half.rename(kept)
        kept.touch()
    _forget_old(kept.parent)
    return kept / "program"


def _program_digest(program: Program, tools: Toolchain) -> str:
    """Of the program, the translator, the runtime and the flags; faults name a program's files."""
    words = [str(program.main.path), *tools.level, *(one.name for one in runtime(tools).objects)]
    translator = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    texts = [part for one in program.sources for part in (one.path.name.encode(), one.raw)]
    return _digest(_headers_digest(tools).encode(), " ".join(words).encode(), *translator, *texts)


def _forget_old(folder: Path) -> None:
    made = [one for one in folder.iterdir() if one.is_dir() and one.suffix != ".half"]
    for one in sorted(made, key=lambda one: one.stat().st_mtime)[:-PROGRAMS_KEPT]:
        shutil.rmtree(one, ignore_errors=True)
