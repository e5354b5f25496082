"""A PostgreSQL server of our own on loopback, for `make run` and for the test suite.

    with EmbeddedPostgres(Path("/some/home"), durable=False) as server:
        psycopg.connect(server.url("fusion_app"))          # also "fusion_owner"
        psycopg.connect(server.superuser_url("postgres"))  # creates and clones databases

Start it from a thread that lives as long as the server should: on Linux the kernel stops the
server when that thread ends, however it ends.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from fusion_project.local.servers.children import child_start, port_is_free
from fusion_project.local.servers.kept_files import port_keep, private_write
from fusion_project.local.servers.pg_install import (
    PostgresUnavailable,
    RootRoad,
    Runner,
    own_tree,
    runner_choose,
    uses_namespace,
)

OWNER, APP, SUPERUSER = "fusion_owner", "fusion_app", "postgres"
DATABASE = "fusion"

_RETRY_SECONDS = 10.0
_ACCEPT_SECONDS = 120.0
_LOG_BYTES_MAX = 10 * 1024 * 1024
_FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres:
    """One server whose data, passwords, log and port are kept in `home`."""

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        root_road: RootRoad = "auto",
    ) -> None:
        self.home = home.absolute()
        self.port = port
        self._port_is_given = port is not None
        self._durable = durable
        self._root_road = root_road
        self._data = self.home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: dict[str, str] = {}

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
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._process.pid if self._process and self.is_running else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log_path(self) -> Path:
        return self.home / "postgres.log"

    @property
    def runs_as_nobody(self) -> bool:
        """True where root must run a copy as `nobody`, who has to be able to enter `home`."""
        return os.geteuid() == 0 and not uses_namespace(self._root_road)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Connection URL for fusion_owner, fusion_app or postgres, password included."""
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        return self.url(SUPERUSER, database)

    def start(self) -> None:
        """Create the cluster if there is none, start it, wait until it accepts, set up roles.

        Raises PostgresUnavailable with one sentence that a person can act on.
        """
        if self.is_running:
            return
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._passwords = self._read_or_make_passwords()
        runner = runner_choose(self.home, self._root_road)
        if os.geteuid() == 0:
            own_tree(self._data, runner.run_as or (0, 0))
        if not (self._data / "PG_VERSION").exists():
            self._initdb(runner)
        self._launch_until_up(runner)
        try:
            self._ensure_roles()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown (clients are cut, data is flushed), harder after 20 s."""
        if self._process is None:
            return
        patience = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
        for number, seconds in patience:
            if self._process.poll() is not None:
                break
            # The postmaster alone: it stops its backends itself, in order.
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def _read_or_make_passwords(self) -> dict[str, str]:
        path = self.home / "passwords.json"
        if path.exists():
            return dict(json.loads(path.read_text()))
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        private_write(path, json.dumps(made))
        return made

    def _initdb(self, runner: Runner) -> None:
        """Into a folder beside, renamed when whole: a crash half-way leaves no broken cluster."""
        building, password = self.home / "data.building", self.home / "superuser.password"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700)
        private_write(password, self._passwords[SUPERUSER])
        if runner.run_as:
            os.chown(building, *runner.run_as)
            os.chown(password, *runner.run_as)
        command = runner.command(
            "initdb",
            "--pgdata",
            str(building),
            "--username",
            SUPERUSER,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--auth",
            "scram-sha-256",
            "--pwfile",
            str(password),
            "--no-sync",
        )
        try:
            with self.log_path.open("ab") as log:
                status = child_start(command, log=log, cwd=self.home, run_as=runner.run_as).wait(
                    120
                )
        finally:
            password.unlink(missing_ok=True)
        if status != 0:
            raise PostgresUnavailable(f"initdb failed: {self._last_log_line()}")
        building.rename(self._data)

    def _launch_until_up(self, runner: Runner) -> None:
        """A crashed server's last backends may hold its shared memory a while: try for 10 s."""
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            self._choose_port()
            self._launch(runner)
            if self._wait_until_accepting():
                return
            self._process = None
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"PostgreSQL did not start: {self._last_log_line()}")
            time.sleep(0.3)

    def _choose_port(self) -> None:
        """The given port, or the one of before: whoever was told the address still uses it."""
        if self.port is None:
            self.port = port_keep(self.home / "port")
        elif self._port_is_given and not port_is_free(self.port):
            raise PostgresUnavailable(f"port {self.port} for PostgreSQL is in use")

    def _launch(self, runner: Runner) -> None:
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=100",
            "shared_buffers=64MB",
            "timezone=UTC",
            "log_timezone=UTC",
            "max_wal_size=256MB",
            "logging_collector=off",
            "log_checkpoints=off",
            # A client that stands still must not hold its locks for ever.
            "idle_in_transaction_session_timeout=20s",
            *(() if self._durable else _FAST_AND_LOOSE),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_BYTES_MAX:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as log:
            self._process = child_start(
                runner.command("postgres", "-D", str(self._data), *options),
                log=log,
                cwd=self.home,
                run_as=runner.run_as,
                # Fast shutdown where the data shall last, at once where it is thrown away.
                death_signal=signal.SIGINT if self._durable else signal.SIGQUIT,
            )

    def _wait_until_accepting(self) -> bool:
        """False once the process has ended; recovery after a crash may take a while."""
        assert self._process is not None
        deadline = time.monotonic() + _ACCEPT_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                psycopg.connect(self.superuser_url(), connect_timeout=2).close()
                return True
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise PostgresUnavailable(
                        f"{self.home / 'passwords.json'} does not fit the data beside it"
                    ) from error
                time.sleep(0.05)
        self.stop()
        raise PostgresUnavailable(f"PostgreSQL did not accept connections: see {self.log_path}")

    def _ensure_roles(self) -> None:
        with psycopg.connect(self.superuser_url(), autocommit=True) as server:
            for role in (OWNER, APP):
                _role_ensure(server, role, self._passwords[role])
            found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                server.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )

    def _last_log_line(self) -> str:
        if not self.log_path.exists():
            return "it left no log"
        lines = self.log_path.read_text(errors="replace").splitlines()[-20:]
        telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
        return (telling or lines or ["its log is empty"])[-1].strip()


def _role_ensure(server: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    found = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is None:
        server.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )
