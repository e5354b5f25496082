"""The project's own files as these tests see them: what git tracks, modules, places in order."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
APPS = ("fusion_project", "signals", "execution", "treasury", "tokens")
# Where the places are put together: these modules name every place, and nothing imports them back.
COMPOSITION = (
    "fusion_project/settings.py",
    "fusion_project/urls.py",
    "fusion_project/celery.py",
    "fusion_project/rsgi.py",
)


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would take, by pathspec."""
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in found if (ROOT / name).is_file()]


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def configuration() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def contracts() -> dict[str, dict[str, Any]]:
    """The contracts of import-linter by name."""
    return {one["name"]: one for one in configuration()["tool"]["importlinter"]["contracts"]}


def place_ranks() -> dict[str, int]:
    """Places and how late they come, from the contract that import-linter keeps."""
    contract = contracts()["Later facts may read earlier ones, never the other way round"]
    layers = list(reversed(contract["layers"]))
    return {place.strip(): rank for rank, layer in enumerate(layers) for place in layer.split("|")}


def place_of(module: str) -> str | None:
    """The place that a module stands in; None for the modules beside all places."""
    inside = [one for one in place_ranks() if module == one or module.startswith(f"{one}.")]
    return max(inside, key=len, default=None)


def module_of(path: Path) -> str:
    """The dotted name of a Python file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """The apps' modules and their files."""
    return {
        module_of(path): path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in APPS
    }


@cache
def imports_of(module: str) -> frozenset[str]:
    """The apps' modules that a module imports: at its top, inside functions, and for types."""
    found: set[str] = set()
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= _imported_from(node, package)
    return frozenset(found & modules().keys() - {module})


def _imported_from(node: ast.ImportFrom, package: str) -> set[str]:
    parts = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
    base = ".".join([*parts, *([node.module] if node.module else [])])
    submodules = {f"{base}.{alias.name}" for alias in node.names}
    known = submodules & modules().keys()
    # `from package import submodule` needs the package only where it takes something else too.
    return known if known == submodules else known | {base}


def sql_functions(text: str) -> dict[str, int]:
    """Names of the functions and procedures that SQL text makes, with their number of lines."""
    return {
        match["name"]: match[0].count("\n") + 1
        for match in re.finditer(
            r"^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) (?P<name>\w+)"
            r"(?:(?!^CREATE )[^$])*(?P<mark>\$\w*\$).*?(?P=mark)[^;]*;",
            text,
            re.DOTALL | re.MULTILINE,
        )
    }
