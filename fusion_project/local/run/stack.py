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
import redis

from fusion_project.front.command import WEB_CONNECTIONS, WEB_WORKERS, web_command
from fusion_project.local.chain import chain_command
from fusion_project.local.home.folder import Home, json_write
from fusion_project.local.home.options import RunOptions, RunRefused, url_without_password
from fusion_project.local.home.room import Room
from fusion_project.local.home.site_env import site_env, site_keep, site_settings
from fusion_project.local.market.ea import ea_missing
from fusion_project.local.market.pine_runner import runner_missing
from fusion_project.local.run.processes import Child, Supervisor
from fusion_project.local.servers.children import port_is_free
from fusion_project.local.servers.kept_files import port_keep
from fusion_project.local.servers.llm import llm_command, llm_missing, llm_settings
from fusion_project.local.servers.postgres import APP, OWNER, EmbeddedPostgres
from fusion_project.local.servers.redis import EmbeddedRedis

ROOT = Path(__file__).resolve().parents[3]
CELERY_CHILDREN = 2
QUEUES = "signals,execution,treasury,tokens,default"
# Web threads and the watch beside them, Celery children, drain, lobes, what reads chains, and one
# for who looks in.
CONNECTIONS_USED = WEB_CONNECTIONS + WEB_WORKERS + CELERY_CHILDREN + 4

_RAISED = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Configured|Refused|Unavailable)\b.*: ")


class Stack:
    """All processes of one run."""

    def __init__(self, options: RunOptions, home: Home, say: Callable[[str], None]) -> None:
        self.options = options
        self.home = home
        self._say = say
        self._room = Room(home.path, say)
        self.supervisor = Supervisor(say, room_is_left=self._room.is_left)
        self._is_noted = True
        self.has_new_logins = False
        self.database_url = options.database_url
        self._owner_url = options.database_direct_url
        self._redis_url = options.redis_url or "off"
        self._models: dict[str, str] = {}
        self._chain_url = ""

    def start(self) -> None:
        """Start everything, in order. Raises RunRefused or the servers' own refusals."""
        self._forget()
        if not port_is_free(self.options.port):
            raise RunRefused(
                f"Port {self.options.port} is in use; stop what listens there or set PORT."
            )
        if self.options.alerts == "pine" and (missing := runner_missing()):
            raise RunRefused(missing)
        if self.options.executor == "ea" and (missing := ea_missing()):
            raise RunRefused(missing)
        if self.options.lobes == "llm" and (missing := llm_missing()):
            raise RunRefused(missing)
        self._start_database()
        self._start_redis()
        self._start_llm()
        self._start_chain()
        site_keep(self.home, self._site())
        self._prepare_database()
        for name, command in self._app_processes():
            self._start_child(name, command, self._app_env())
        # Both keep files, and would only fail again and again.
        executor = self.options.executor
        command = self._side_process(executor)
        self._start_child(executor, command, self._side_env(), needs_room=True)
        if self.options.sample_market:
            command = self._side_process(f"{self.options.alerts}_market")
            self._start_child("market", command, self._side_env(), needs_room=True)
        self.note_processes()

    def watch(self) -> None:
        """Bring back what crashed; call several times a second. A full disk stops nothing here."""
        self._room.is_left()
        if self.supervisor.watch():
            self._is_noted = False
        if not self._is_noted:
            try:
                self.note_processes()
            except OSError:  # the next look tries again
                return
            self._is_noted = True

    def stop(self) -> None:
        self.supervisor.stop_all()
        self._forget()

    def _forget(self) -> None:
        """What stands there tells of a run that is over, perhaps one that was killed."""
        self.home.processes.unlink(missing_ok=True)
        self.home.access.unlink(missing_ok=True)
        self.home.site.unlink(missing_ok=True)

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
            self.supervisor.start("postgres", server, needs_room=True)
        self.database_url, self._owner_url = server.url(APP), server.url(OWNER)

    def _open_for_nobody(self, server: EmbeddedPostgres) -> None:
        """As root without user namespaces PostgreSQL runs as nobody, who must get through ours."""
        if server.runs_as_nobody and not self.home.path.stat().st_mode & stat.S_IXOTH:
            self.home.path.chmod(0o711)

    def _start_redis(self) -> None:
        if self.options.redis_off:
            self._say("Redis: off, drain alone does the work")
        elif self.options.redis_url:
            shown = url_without_password(self.options.redis_url)
            reason = redis_silence(self.options.redis_url)
            late = f" does not answer ({reason}); drain does the work until it does"
            self._say(f"Redis: {shown}{late if reason else ''}")
        else:
            with self._step("Redis"):
                server = EmbeddedRedis(self.home.path / "redis")
                self.supervisor.start("redis", server)
            self._redis_url = server.url

    def _start_llm(self) -> None:
        if self.options.lobes == "llm":
            port = port_keep(self.home.path / "llm.port")
            self._models = llm_settings(port)
            self._start_child("llm", llm_command(port), self._side_env())

    def _start_chain(self) -> None:
        if self.options.chain:
            port = port_keep(self.home.path / "chain.port")
            self._chain_url = f"http://127.0.0.1:{port}"
            command = chain_command(self.home.path, port)
            self._start_child("chain", command, self._side_env(), needs_room=True)

    def _prepare_database(self) -> None:
        owner = site_env(self._site(), os.environ, role="owner")
        self._manage("migrations", ["migrate", "--verbosity", "1"], owner)
        # With one URL for everything the app is the owner, and the rest of the world stays outside.
        rights = ["setup_roles"]
        if self._owner_url == self.database_url:
            rights.append("--if-exists")
        self._manage("database roles", rights, owner)
        self._manage("handlings", ["backfill_handlings"], self._app_env())
        self.has_new_logins = not self.home.demo_secrets.exists()
        seed = ["seed_demo", "--credentials", str(self.home.demo_secrets)]
        seed += ["--alerts", self.options.alerts]
        if self._chain_url:
            seed += ["--chain", self._chain_url]
        if self.options.sample_market:
            seed += ["--history", str(self.home.path / "market" / "history")]
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
        workers = [] if self.options.redis_off else [("worker", worker_command())]
        alone = [(name, [python, "manage.py", name]) for name in ("drain", "lobes", "chain_watch")]
        return [("web", web), *workers, *alone]

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

    def _start_child(
        self, name: str, command: list[str], env: Mapping[str, str], *, needs_room: bool = False
    ) -> None:
        log = self.home.logs / f"{name}.log"
        child = Child(command, log_path=log, env=env, cwd=ROOT)
        self.supervisor.start(name, child, needs_room=needs_room)

    def _site(self) -> dict[str, str]:
        return site_settings(
            self.options,
            secret_key=self.home.secret_key(),
            database_url=self.database_url,
            owner_url=self._owner_url,
            redis_url=self._redis_url,
            models=self._models,
        )

    def _app_env(self) -> dict[str, str]:
        return site_env(self._site(), os.environ)

    def _side_env(self) -> dict[str, str]:
        """The executor and the market see no database: they speak HTTP only."""
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "LOG_LEVEL": self.options.log_level,
            "PAPER_MANNERS": self.options.paper_manners,
            "PYTHONUNBUFFERED": "1",
        }

    def _step(self, title: str) -> "_Step":
        return _Step(title, self._say)


def worker_command() -> list[str]:
    """Return the command of the worker, which answers doorbells."""
    return [
        sys.executable,
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


def redis_silence(url: str) -> str:
    """Why this Redis does not answer, in a few words without a password; empty where it does."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return type(error).__name__
    finally:
        client.close()
    return ""


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
