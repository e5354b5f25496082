"""What the benches run against: a durable Postgres of their own and the real web server.

Everything is on loopback, in a temporary home, and gone afterwards.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from fusion_project.front.command import APPLICATION, web_command
from fusion_project.local.run.processes import Child
from fusion_project.local.run.stack import ROOT, worker_command
from fusion_project.local.servers.children import child_start, group_signal, port_pick
from fusion_project.local.servers.pg_install import bin_folder_find
from fusion_project.local.servers.postgres import APP, OWNER, EmbeddedPostgres
from fusion_project.local.servers.redis import EmbeddedRedis
from tests.bench.load import Outcome, Plan, outcome_of, plan_text

STRATEGIES = 64
_TPCB = "tpcb"
# Under the webhook's own prefix, so that it goes through the same middleware.
EMPTY_PATH = "/hooks/bench/empty"
_SEED = """
import json, sys, django
django.setup()
from execution.services.accounts import account_create
from execution.services.keys import key_issue
from signals.services.strategies import strategy_create, strategy_secret_issue
paths = []
for number in range({count}):
    strategy = strategy_create(
        slug=f"bench-{{number}}", name="bench", actor="system", approval="automatic",
        entries_per_minute_max=10_000)
    paths.append(strategy_secret_issue(strategy_id=strategy.id, actor="system").path)
account = account_create(
    name="bench", server="Bench", login="1", currency="USD", book="paper", actor="system")
key = key_issue(account_id=account.id, label="bench", actor="system").text
json.dump([paths, key], sys.stdout)
"""
_BENCH_TABLE = """
    CREATE TABLE bench_row (id bigserial PRIMARY KEY, body bytea NOT NULL);
    GRANT SELECT, INSERT ON bench_row TO fusion_app;
    GRANT USAGE ON SEQUENCE bench_row_id_seq TO fusion_app;
"""


class Rig:
    """The server side of one bench. Use as a context manager."""

    def __init__(self, **env: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="fusion-bench-"))
        self.postgres = EmbeddedPostgres(self.home / "postgres")
        self.paths: list[str] = []
        self.key = ""
        self._extra = env

    def __enter__(self) -> "Rig":
        try:
            self.home.chmod(0o711)
            self.postgres.start()
            owner = self._env(DATABASE_ROLE="owner", DATABASE_DIRECT_URL=self.postgres.url(OWNER))
            self._python(["manage.py", "migrate", "--verbosity", "0"], owner)
            self._python(["manage.py", "setup_roles"], owner)
            with psycopg.connect(self.postgres.url(OWNER), autocommit=True) as connection:
                connection.execute(_BENCH_TABLE)
            seeded = self._python(["-c", _SEED.format(count=STRATEGIES)], self._env())
            self.paths, self.key = json.loads(seeded)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop and remove everything."""
        self.postgres.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def web(self, application: str = APPLICATION) -> Iterator[int]:
        """The web server as `make run` starts it; yields its port."""
        port = port_pick()
        command = web_command(port, application=application)
        with (self.home / "web.log").open("ab") as log:
            process = child_start(command, log=log, env=self._env(), cwd=ROOT)
        try:
            self._wait_for(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                group_signal(process, signal.SIGKILL)
                process.wait()

    @contextmanager
    def everything(self) -> Iterator[int]:
        """Redis, worker and drain beside the web server, as `make run` starts them; its port."""
        with ExitStack() as running:
            redis = running.enter_context(EmbeddedRedis(self.home / "redis"))
            self._extra["REDIS_URL"] = redis.url
            running.callback(self._extra.pop, "REDIS_URL")
            port = running.enter_context(self.web())
            for name, command in (
                ("worker", worker_command()),
                ("drain", [sys.executable, "manage.py", "drain"]),
            ):
                log = self.home / f"{name}.log"
                child = Child(command, log_path=log, env=self._env(), cwd=ROOT)
                child.start()
                running.callback(child.stop)
            self._wait_for_worker()
            yield port

    def _wait_for_worker(self) -> None:
        """Until it has answered a doorbell: drain rings for a sign of life every few seconds."""
        for _ in range(300):
            if self.value("SELECT seen_at FROM events_lifesign WHERE name = 'worker'"):
                return
            time.sleep(0.1)
        raise RuntimeError((self.home / "worker.log").read_text()[-2000:])

    def _wait_for(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        plan = Plan(port, ["/healthz"], 1, 0.05)
        for _ in range(200):
            if process.poll() is None and send_try(plan) is not None:
                return
            time.sleep(0.1)
        raise RuntimeError((self.home / "web.log").read_text()[-2000:])

    @property
    def superuser_url(self) -> str:
        """The database, for whom nothing is refused."""
        return self.postgres.superuser_url("fusion")

    def rows(self, query: str) -> list[Any]:
        """All rows, asked as superuser."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str) -> Any:
        """The first column of the first row."""
        found = self.rows(query)
        return found[0][0] if found else None

    def disk_bytes(self) -> tuple[int, int]:
        """The size of the database, and of the log that Postgres has ever written."""
        self.value("CHECKPOINT")
        size = self.value("SELECT pg_database_size('fusion')")
        written = self.value("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")
        return int(size), int(written)

    def pgbench(self, connections: int, seconds: int) -> float:
        """Single-row commits a second, by the pgbench that came with the server."""
        script = self.home / "one_row.sql"
        script.write_text("INSERT INTO bench_row (body) VALUES ('\\x00');\n")
        return self._pgbench(self.postgres.url(APP), connections, seconds, "-f", str(script))

    def pgbench_tpcb(self, connections: int, seconds: int) -> float:
        """Transactions a second of pgbench's own, like TPC-B, over a million of its accounts."""
        url = self.postgres.url(OWNER, _TPCB)
        if not self.value(f"SELECT 1 FROM pg_database WHERE datname = '{_TPCB}'"):
            self.value(f"CREATE DATABASE {_TPCB} OWNER {OWNER}")
            made = [str(bin_folder_find() / "pgbench"), "-i", "-q", "-s", "10", url]
            subprocess.run(made, capture_output=True, check=True)
        return self._pgbench(url, connections, seconds, "-b", "tpcb-like")

    def _pgbench(self, url: str, connections: int, seconds: int, *script: str) -> float:
        command = [
            str(bin_folder_find() / "pgbench"),
            "-n",
            "-c",
            str(connections),
            "-j",
            "2",
            "-T",
            str(seconds),
            *script,
            url,
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        [line] = [line for line in ended.stdout.splitlines() if line.startswith("tps = ")]
        return float(line.split()[2])

    def python(self, arguments: list[str]) -> str:
        """What a Python program prints that uses the rig's database as the app."""
        return self._python(arguments, self._env())

    def env(self) -> dict[str, str]:
        """What a program needs to use the rig's database as the app."""
        return self._env()

    def _env(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "DJANGO_SETTINGS_MODULE": "fusion_project.settings",
            "REDIS_URL": "off",
            "SECRET_KEY": "bench-only-" + "x" * 60,
            "HTTPS_ONLY": "off",
            "LOG_LEVEL": "INFO",
            "DATABASE_URL": self.postgres.url(APP),
            **self._extra,
            **more,
        }

    def _python(self, arguments: list[str], env: dict[str, str]) -> str:
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise RuntimeError(ended.stderr[-2000:])
        return ended.stdout


def send(plan: Plan) -> Outcome:
    """Run the sending process to its end."""
    found = send_try(plan)
    if found is None:
        raise RuntimeError(f"sending to port {plan.port} failed")
    return found


def send_try(plan: Plan) -> Outcome | None:
    """The same, but None where the server did not answer."""
    with sender_start(plan) as process:
        text, _ = process.communicate(plan_text(plan))
    return outcome_of(text) if process.returncode == 0 else None


def sender_start(plan: Plan) -> "subprocess.Popen[str]":
    """Start the sending process; it reads the plan from its standard input."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
