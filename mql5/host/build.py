"""Compiles a translated program; the runtime is compiled once for each compiler and kept."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mql5.host.api_table import FOLDER, table
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
SANITIZERS: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
COVERAGE: Final = ("--coverage",)


@dataclass(frozen=True)
class Toolchain:
    compiler: str
    extra: tuple[str, ...] = ()

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


def _fingerprint(tools: Toolchain) -> str:
    digest = hashlib.sha256("\0".join([tools.version(), *tools.flags]).encode())
    header_maker = Path(__file__).with_name("header.py")
    for path in sorted([*_sources("*.?pp"), *FOLDER.iterdir(), header_maker]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(pattern: str) -> list[Path]:
    return sorted(RUNTIME.rglob(pattern))


def _make_runtime(tools: Toolchain, folder: Path) -> None:
    (folder / "api.hpp").write_text(header(table()))
    (folder / "promised.cpp").write_text(promised(table()))
    # Optimised a little: a broker looks at a price every quarter of a second, for days.
    command = [tools.compiler, *tools.flags, "-O1", f"-I{RUNTIME}", f"-I{folder}", "-c"]
    commands = [
        [*command, str(one), "-o", str(folder / f"{one.parent.name}_{one.stem}.o")]
        for one in (*_sources("*.cpp"), folder / "promised.cpp")
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_compiled, commands))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds a lock file, so that two processes do not make the same at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def runtime(tools: Toolchain) -> Path:
    """The folder of the compiled runtime."""
    kept = _kept_folder() / _fingerprint(tools)
    with alone(kept.with_suffix(".lock")):
        if not kept.is_dir():
            with tempfile.TemporaryDirectory(dir=kept.parent) as made:
                folder = Path(made) / "runtime"
                folder.mkdir()
                _make_runtime(tools, folder)
                folder.rename(kept)
    return kept


def build(program: Program, out: Path, tools: Toolchain, includes: Path | None = None) -> Path:
    """Translates and compiles; gives the executable. Faults name the MQL5 file and line."""
    library = runtime(tools)
    out.mkdir(parents=True, exist_ok=True)
    main = translate(program, includes or include_folder(program.main.path), out)
    binary, made = out / "program", out / "program.o"
    include = [f"-I{RUNTIME}", f"-I{library}", f"-I{out}"]
    # Optimised a little: only then the compiler sees what is used before it has a value.
    _compiled([tools.compiler, *tools.flags, "-O1", *include, "-c", str(main), "-o", str(made)])
    objects = sorted(str(one) for one in library.glob("*.o"))
    _compiled([tools.compiler, *tools.flags, str(made), *objects, "-o", str(binary)])
    return binary
