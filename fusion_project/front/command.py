"""How the web server is started: one command for runs, tests and benches."""

import sys
from typing import Final

from fusion_project.front.kinds import THREADS

APPLICATION: Final = "fusion_project.rsgi:application"
WEB_WORKERS: Final = 2
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
        *("--host", "127.0.0.1"),
        *("--port", str(port)),
        *("--workers", str(workers)),
        "--respawn-failed-workers",
        "--no-access-log",
        *("--log-level", "warning"),
        application,
    ]
