"""The folder that holds all of a run: its lock, its secrets, its room on the disk."""

import errno
import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from fusion_project.local.home.options import RunRefused
from fusion_project.local.servers.kept_files import private_write

FREE_BYTES_MIN = 300 * 1024 * 1024
_REASONS = {
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EROFS: "it is on a read-only disk",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EEXIST: "it is a file, not a folder",
    errno.ENOENT: "no folder can be made there",
    errno.ENOSPC: "the disk is full",
}


class Home:
    """An opened FUSION_HOME; holds its lock until `close` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def open(self) -> None:
        """Create and lock the folder, check its room. Raises RunRefused."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, error.strerror or "it failed")
            raise RunRefused(f"FUSION_HOME {self.path} cannot be used: {reason}.") from error
        self._take_lock()
        free = shutil.disk_usage(self.path).free
        if free < FREE_BYTES_MIN:
            raise RunRefused(
                f"The disk of FUSION_HOME {self.path} is nearly full: {free // 1024**2} MiB left, "
                f"{FREE_BYTES_MIN // 1024**2} MiB needed."
            )

    def close(self) -> None:
        """Give the folder free for another run."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        assert self._lock is not None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._lock, 100, 0).decode(errors="replace").strip()
            self.close()
            raise RunRefused(
                f"FUSION_HOME {self.path} is in use by another run ({holder or 'starting'}); "
                "stop that one or set another FUSION_HOME."
            ) from error
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"process {os.getpid()}".encode(), 0)

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def demo_secrets(self) -> Path:
        """Credentials of the demo, made by `manage.py seed_demo`."""
        return self.path / "secrets" / "demo.json"

    @property
    def access(self) -> Path:
        """Addresses, credentials and paste-ready alerts of the run that is ready now."""
        return self.path / "secrets" / "access.json"

    @property
    def site(self) -> Path:
        """Settings of the site while it runs, for `manage.py`."""
        return self.path / "secrets" / "site.json"

    @property
    def processes(self) -> Path:
        """Process ids by name, kept up to date."""
        return self.path / "processes.json"

    def secret_key(self) -> str:
        """Django's secret key, made once."""
        path = self.path / "secrets" / "secret_key"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            private_write(path, secrets.token_urlsafe(64))
        return path.read_text().strip()


def json_write(path: Path, value: Any) -> None:
    """Replace a private JSON file at once: a reader sees the old text or the new one."""
    private_write(path, json.dumps(value, indent=2) + "\n")


def json_read(path: Path) -> Any:
    """The file's value, or None where there is no file."""
    return json.loads(path.read_text()) if path.exists() else None
