"""What `make run` starts, in which order, and with which environment."""

import os
import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from fusion_project.front.command import WEB_CONNECTIONS, web_command
from fusion_project.local.home.folder import Home, json_write
from fusion_project.local.home.options import RunOptions, RunRefused, url_without_password
from fusion_project.local.market.pine_runner import runner_missing
from fusion_project.local.run.processes import Child, Supervisor
from fusion_project.local.servers.children import port_is_free
from fusion_project.local.servers.postgres import APP, OWNER, EmbeddedPostgres
from fusion_project.local.servers.redis import EmbeddedRedis

ROOT = Path(__file__).resolve().parents[3]
CELERY_CHILDREN = 2
QUEUES = "signals,execution,treasury,tokens,default"
# Web threads, Celery children, drain, and one for whoever looks in.
CONNECTIONS_USED = WEB_CONNECTIONS + CELERY_CHILDREN + 2

# Steers a run, or is set by it; must not reach the children as it stands outside.
_OURS = (
    "ALERTS",
    "PORT",
    "FUSION_HOME",
    "DATABASE_URL",
    "DATABASE_DIRECT_URL",
    "DATABASE_ROLE",
    "REDIS",
    "REDIS_URL",
    "SAMPLE_MARKET",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
)

_RAISED = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Configured|Refused|Unavailable)\b.*: ")


class Stack:
    """All processes of one run."""

    def __init__(self, options: RunOptions, home: Home, say: Callable[[str], None]) -> None:
        self.options = options
        self.home = home
        self._say = say
        self.supervisor = Supervisor(say)
        self.database_url = options.database_url
        self._owner_url = options.database_direct_url
        self._redis_url = options.redis_url or "off"

    def start(self) -> None:
        """Start everything, in order. Raises RunRefused or the servers' own refusals."""
        self._forget()
        if not port_is_free(self.options.port):
            raise RunRefused(
                f"Port {self.options.port} is in use; stop what listens there or set PORT."
            )
        if self.options.alerts == "pine" and (missing := runner_missing()):
            raise RunRefused(missing)
        self._start_database()
        self._start_redis()
        self._prepare_database()
        for name, command in self._app_processes():
            self._start_child(name, command, self._app_env())
        self._start_child("paper", self._side_process("paper"), self._side_env())
        if self.options.sample_market:
            market = f"{self.options.alerts}_market"
            self._start_child("market", self._side_process(market), self._side_env())
        self.note_processes()

    def watch(self) -> None:
        """Bring back what crashed; call several times a second."""
        if self.supervisor.watch():
            self.note_processes()

    def stop(self) -> None:
        self.supervisor.stop_all()
        self._forget()

    def _forget(self) -> None:
        """What stands there tells of a run that is over, perhaps one that was killed."""
        self.home.processes.unlink(missing_ok=True)
        self.home.access.unlink(missing_ok=True)

    def note_processes(self) -> None:
        """Keep `processes.json` true."""
        json_write(self.home.processes, self.supervisor.pids())

    def _start_database(self) -> None:
        if self.options.database_url:
            for url in dict.fromkeys((self.options.database_url, self._owner_url)):
                database_check(url)
            self._say(f"PostgreSQL: {url_without_password(self.options.database_url)}")
            return
        with self._step("PostgreSQL"):
            server = EmbeddedPostgres(self.home.path / "postgres")
            self._open_for_nobody(server)
            self.supervisor.start("postgres", server)
        self.database_url, self._owner_url = server.url(APP), server.url(OWNER)

    def _open_for_nobody(self, server: EmbeddedPostgres) -> None:
        """As root without user namespaces PostgreSQL runs as nobody, who must get through ours."""
        if server.runs_as_nobody and not self.home.path.stat().st_mode & stat.S_IXOTH:
            self.home.path.chmod(0o711)

    def _start_redis(self) -> None:
        if self.options.redis_off:
            self._say("Redis: off, drain alone does the work")
        elif self.options.redis_url:
            self._say(f"Redis: {url_without_password(self.options.redis_url)}")
        else:
            with self._step("Redis"):
                server = EmbeddedRedis(self.home.path / "redis")
                self.supervisor.start("redis", server)
            self._redis_url = server.url

    def _prepare_database(self) -> None:
        owner = {**self._app_env(), "DATABASE_ROLE": "owner"}
        owner["DATABASE_DIRECT_URL"] = self._owner_url
        self._manage("migrations", ["migrate", "--verbosity", "1"], owner)
        if self._owner_url != self.database_url:
            self._manage("database roles", ["setup_roles"], owner)
        self._manage("handlings", ["backfill_handlings"], self._app_env())
        seed = ["seed_demo", "--credentials", str(self.home.demo_secrets)]
        seed += ["--alerts", self.options.alerts]
        self._manage("demo data", seed, self._app_env())

    def _manage(self, title: str, arguments: list[str], env: Mapping[str, str]) -> None:
        """Run one management command to its end; its output goes to logs/setup.log."""
        log = self.home.logs / "setup.log"
        child = Child(
            [sys.executable, "manage.py", *arguments],
            log_path=log,
            env=env,
            cwd=ROOT,
            stop_signal=signal.SIGKILL,
        )
        with self._step(title):
            child.start()
            try:
                status = child.wait()
            finally:
                child.stop()
            if status != 0:
                raise RunRefused(f"{title}: {last_words(log)} (see {log})")

    def _app_processes(self) -> list[tuple[str, list[str]]]:
        python = sys.executable
        web = web_command(self.options.port)
        worker = [
            python,
            "-m",
            "celery",
            "-A",
            "fusion_project",
            "worker",
            "-Q",
            QUEUES,
            "--pool",
            "prefork",
            "--concurrency",
            str(CELERY_CHILDREN),
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        drain = [python, "manage.py", "drain"]
        named = [("web", web), ("drain", drain)]
        return named if self.options.redis_off else [named[0], ("worker", worker), named[1]]

    def _side_process(self, module: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            f"fusion_project.local.market.{module}",
            "--home",
            str(self.home.path),
            "--base-url",
            self.options.base_url,
        ]

    def _start_child(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        log = self.home.logs / f"{name}.log"
        self.supervisor.start(name, Child(command, log_path=log, env=env, cwd=ROOT))

    def _app_env(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if name not in _OURS}
        return {
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "CSRF_TRUSTED_ORIGINS": f"{self.options.base_url},http://localhost:{self.options.port}",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
            **outside,
            "DJANGO_SETTINGS_MODULE": "fusion_project.settings",
            "LOG_LEVEL": self.options.log_level,
            "SECRET_KEY": self.home.secret_key(),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self._redis_url,
            "PYTHONUNBUFFERED": "1",
        }

    def _side_env(self) -> dict[str, str]:
        """The executor and the market see no database: they speak HTTP only."""
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "LOG_LEVEL": self.options.log_level,
            "PYTHONUNBUFFERED": "1",
        }

    def _step(self, title: str) -> "_Step":
        return _Step(title, self._say)


class _Step:
    """Says what is under way, and how long it took where that was worth a word."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self._title, self._say = title, say
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._say(f"{self._title} …")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._say(f"{self._title}: done in {time.monotonic() - self._began:.1f} s")


def database_check(url: str) -> None:
    """Connect once. Raises RunRefused with one sentence and no password."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else "no answer"
        raise RunRefused(
            f"The database {url_without_password(url)} cannot be used: {reason}"
        ) from error


def last_words(log: Path) -> str:
    """Why a process gave up, from the end of its log, in one line."""
    if not log.exists():
        return "it left no log"
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()[-60:]]
    if any("No space left on device" in line for line in lines):
        return "the disk is full"
    telling = [line for line in lines if line.strip("^~ ") and not line.startswith("LINE ")]
    if not telling:
        return "its log is empty"
    raised = [number for number, line in enumerate(telling) if _RAISED.match(line)]
    # What follows an exception's first line belongs to its message.
    return " ".join(telling[raised[-1] :] if raised else telling[-1:])[:400]
