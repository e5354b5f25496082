"""The embedded server starts, keeps what was committed, and never outlives its starter."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fusion_project.local.run.stack import ROOT
from fusion_project.local.servers.children import port_is_free
from fusion_project.local.servers.pg_install import PostgresUnavailable, namespaces_work
from fusion_project.local.servers.postgres import EmbeddedPostgres
from tests.integration.local.waiting import wait_gone, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has this road")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One for all tests that only look at it."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("shared") / "pg", durable=False) as started:
        yield started


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def test_the_two_roles_log_in_with_passwords_and_the_owner_owns_the_database(
    server: EmbeddedPostgres,
) -> None:
    assert value(server.url("fusion_app"), "SELECT current_user") == "fusion_app"
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'fusion'"
    assert value(server.url("fusion_owner"), owner) == "fusion_owner"
    assert value(server.superuser_url(), "SHOW server_encoding") == "UTF8"
    without_password = f"postgresql://fusion_app@127.0.0.1:{server.port}/fusion"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without_password)


def test_passwords_are_for_the_owner_of_the_home_only(server: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((server.home / "passwords.json").stat().st_mode) == 0o600
    assert not (server.home / "superuser.password").exists()


def test_a_second_start_keeps_port_passwords_and_data(tmp_path: Path) -> None:
    home = tmp_path / "pg"
    with EmbeddedPostgres(home) as first:
        with psycopg.connect(first.url("fusion_owner")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        url = first.url("fusion_owner")
    with EmbeddedPostgres(home) as second:
        assert second.url("fusion_owner") == url
        assert value(url, "SELECT n FROM kept") == 7


def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "pg") as server:
        with psycopg.connect(server.url("fusion_owner")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.is_running)
        server.start()
        assert value(server.url("fusion_owner"), "SELECT n FROM kept") == 7


def test_two_servers_run_side_by_side(server: EmbeddedPostgres, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "other", durable=False) as other:
        assert other.port != server.port
        assert value(other.url("fusion_app"), "SELECT 1") == value(
            server.url("fusion_app"), "SELECT 1"
        )


def test_stop_leaves_no_process_and_no_port_though_clients_hold_on(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", durable=False)
    server.start()
    pid, port = server.pid, server.port
    assert pid is not None
    assert port is not None
    held_open = psycopg.connect(server.url("fusion_app"))
    server.stop()
    assert wait_gone(pid, 0)
    assert port_is_free(port)
    held_open.close()


def test_the_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from fusion_project.local.servers.postgres import EmbeddedPostgres;"
        "server = EmbeddedPostgres(Path(sys.argv[1]), durable=False); server.start();"
        "print(server.pid, server.port, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "pg")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    pid, port = (int(word) for word in ended.stdout.split())
    assert wait_gone(pid)
    assert port_is_free(port)


def test_a_given_port_in_use_is_refused_in_one_sentence(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    with pytest.raises(PostgresUnavailable, match=f"port {server.port} for PostgreSQL is in use"):
        EmbeddedPostgres(tmp_path / "other", port=server.port).start()


def test_lost_passwords_are_refused_in_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "pg"
    with EmbeddedPostgres(home, durable=False):
        pass
    (home / "passwords.json").unlink()
    lost = EmbeddedPostgres(home, durable=False)
    with pytest.raises(PostgresUnavailable, match="does not fit the data"):
        lost.start()
    assert not lost.is_running


@as_root
@pytest.mark.skipif(not namespaces_work(), reason="user namespaces are barred here")
def test_root_runs_it_in_a_user_namespace_and_keeps_folders_shut(tmp_path: Path) -> None:
    home = tmp_path / "pg"
    with EmbeddedPostgres(home, durable=False, root_road="namespace") as server:
        assert value(server.url("fusion_app"), "SELECT 1") == 1
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert (home / "data").stat().st_uid == 0


@pytest.fixture
def reachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the user nobody can get to; pytest's own are private."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="fusion-reachable-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@as_root
def test_root_without_namespaces_runs_a_copy_as_nobody(reachable: Path) -> None:
    home = reachable / "pg"
    with EmbeddedPostgres(home, durable=False, root_road="copy") as server:
        assert value(server.url("fusion_app"), "SELECT 1") == 1
        assert server.pid is not None
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert stat.S_IMODE((home / "passwords.json").stat().st_mode) == 0o600
    with EmbeddedPostgres(home, durable=False, root_road="auto") as server:
        assert value(server.url("fusion_app"), "SELECT 1") == 1


@as_root
def test_root_without_namespaces_says_which_folder_shuts_nobody_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresUnavailable, match="the user nobody cannot enter"):
        EmbeddedPostgres(closed / "pg", durable=False, root_road="copy").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
