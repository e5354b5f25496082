"""How the web server is started: one command for runs, tests and benches."""

import sys
from typing import Final

from fusion_project.front.kinds import THREADS

APPLICATION: Final = "fusion_project.rsgi:application"
WEB_WORKERS: Final = 2
# A head that is not whole by then is given up, and a connection on which nothing comes is closed.
HEAD_SECONDS: Final = 5
# Each thread keeps a connection to Postgres.
WEB_CONNECTIONS: Final = WEB_WORKERS * THREADS


def web_command(
    port: int, *, application: str = APPLICATION, workers: int = WEB_WORKERS
) -> list[str]:
    """Return the command that serves `application` on this port of loopback."""
    return [
        sys.executable,
        "-m",
        "granian",
        *("--interface", "rsgi"),
        *("--loop", "asyncio"),
        *("--http", "1"),
        "--no-ws",
        *("--http1-header-read-timeout", str(HEAD_SECONDS * 1_000)),
        *("--host", "127.0.0.1"),
        *("--port", str(port)),
        *("--workers", str(workers)),
        "--respawn-failed-workers",
        "--no-access-log",
        *("--log-level", "warning"),
        application,
    ]
