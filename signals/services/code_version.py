"""Which code decides: a hash of the pure rooms that a decision is made in."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

ROOMS: Final = ("fusion", "lobes", "market")
_HOME: Final = Path(__file__).resolve().parents[1]


@functools.cache
def code_version() -> str:
    """Return SHA-256 of every source file of those rooms with its name, in order of the names."""
    digest = hashlib.sha256()
    for file in sorted(file for room in ROOMS for file in (_HOME / room).rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(_HOME).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
