"""Pytest plugin, loaded first: starts the test server and sets the environment for settings.

One embedded Postgres a run; parallel workers inherit its addresses.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from fusion_project.local.servers.postgres import EmbeddedPostgres

_MARK = "FUSION_TEST_SUPERUSER_URL"
# Where the server's files go; a long run needs more room than memory has.
_FOLDER = "FUSION_TEST_FOLDER"
_MEMORY_FOLDER = Path("/dev/shm")
_MEMORY_BYTES_MIN = 4 * 1024**3


def _fast_folder() -> Path | None:
    """Memory, where there is room: hundreds of databases are cloned and dropped in a run."""
    if not os.access(_MEMORY_FOLDER, os.W_OK):
        return None
    return _MEMORY_FOLDER if shutil.disk_usage(_MEMORY_FOLDER).free > _MEMORY_BYTES_MIN else None


def _start() -> None:
    folder = os.environ.get(_FOLDER) or _fast_folder()
    home = Path(tempfile.mkdtemp(prefix="fusion-test-", dir=folder))
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    owner = os.getpid()

    def stop() -> None:
        if os.getpid() == owner:
            server.stop()
            shutil.rmtree(home, ignore_errors=True)

    atexit.register(stop)
    os.environ.update(
        {
            _MARK: server.superuser_url(),
            "DATABASE_URL": server.url("fusion_app"),
            "DATABASE_DIRECT_URL": server.url("fusion_owner"),
            "DATABASE_ROLE": "app",
            "REDIS_URL": "off",
            "SECRET_KEY": "only-for-tests-" + "x" * 50,
            "HTTPS_ONLY": "off",
            "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
            "CONN_MAX_AGE": "0",
            "DEBUG": "off",
            "LOG_LEVEL": "WARNING",
        }
    )


if _MARK not in os.environ:
    _start()
