"""Small files that a server keeps beside its data: written whole, or on a full disk not at all."""

import os
from pathlib import Path

from fusion_project.local.servers.children import port_is_free, port_pick


def port_keep(remembered: Path) -> int:
    """The port of last time while it is free, else another; kept in this file for next time."""
    try:
        last = int(remembered.read_text())
    except (OSError, ValueError):
        last = 0
    if last and port_is_free(last):
        return last
    port = port_pick()
    building = remembered.with_suffix(".writing")
    building.write_text(str(port))
    building.replace(remembered)
    return port


def private_write(path: Path, text: str) -> None:
    """Replace a file that only its owner can read: whole or, on a full disk, not at all."""
    building = path.with_name(f"{path.name}.writing")
    building.unlink(missing_ok=True)
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    building.replace(path)
