"""Plants one fault in a real script and tells which rules notice it."""

from __future__ import annotations

from pathlib import Path

from pine.harness.lint.checking import lint
from pine.harness.lint.script import Script

ROOT = Path(__file__).resolve().parents[3]
PATHS = sorted((ROOT / "pine").glob("df-*.pine"))
STEMS = [path.stem for path in PATHS]
Case = tuple[str, str, str, str]  # rule, script, text in it, text instead


def source_of(stem: str) -> str:
    return (ROOT / "pine" / f"{stem}.pine").read_text()


def planted(stem: str, old: str, new: str) -> str:
    """The script's source with the first `old` replaced; a case whose text is gone must fail."""
    source = source_of(stem)
    assert old in source, f"{stem}.pine no longer holds {old!r}; choose another place to plant in"
    return source.replace(old, new, 1)


def codes(stem: str, source: str) -> set[str]:
    return {fault.rule for fault in lint([Script(Path(f"{stem}.pine"), source)])}


def codes_planted(stem: str, old: str, new: str) -> set[str]:
    return codes(stem, planted(stem, old, new))
