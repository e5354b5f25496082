"""Formats of other services, as `df.format` documents that a strategy may be taught. Data.

Each names where its form is published. None reads an alert before somebody teaches it: what a
message means with its sender's own settings only its owner knows.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "published"


@cache
def published_names() -> tuple[str, ...]:
    """Return the names, in order."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.json")))


def published_format(name: str) -> dict[str, Any] | None:
    """Return a copy of the document of this name, None where there is none."""
    if name not in published_names():
        return None
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document
