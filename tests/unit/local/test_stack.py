"""What a local run starts beside the app exists under the names it is started by."""

import os
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fusion_project.local.home.folder import Home
from fusion_project.local.home.options import ALERTS, RunRefused, options_read
from fusion_project.local.home.site_env import site_env_find, site_keep
from fusion_project.local.run.stack import Stack


@pytest.mark.parametrize(
    ("owner_url", "rights"),
    [
        ("postgres://owner@h/d", ["setup_roles"]),
        ("postgres://app@h/d", ["setup_roles", "--if-exists"]),
    ],
)
def test_the_database_is_closed_also_where_one_url_serves_for_all(
    owner_url: str, rights: list[str]
) -> None:
    ran: list[list[str]] = []
    stack: Any = SimpleNamespace(
        database_url="postgres://app@h/d",
        _owner_url=owner_url,
        _chain_url="",
        _app_env=dict,
        _site=dict,
        _manage=lambda title, arguments, env: ran.append(arguments),
        home=SimpleNamespace(demo_secrets=Path("/nowhere")),
        options=SimpleNamespace(alerts="sample", sample_market=False),
    )
    Stack._prepare_database(stack)
    assert [arguments[0] for arguments in ran[:2]] == ["migrate", "setup_roles"]
    assert ran[1] == rights


@pytest.mark.parametrize("module", ["paper", *(f"{alerts}_market" for alerts in ALERTS)])
def test_each_process_beside_the_app_is_a_module_that_can_be_run(module: str) -> None:
    stack: Any = SimpleNamespace(
        home=SimpleNamespace(path=Path("/nowhere")), options=SimpleNamespace(base_url="http://x")
    )
    command = Stack._side_process(stack, module)
    assert command[1] == "-m"
    found = find_spec(command[2])
    assert found is not None
    assert found.origin is not None
    assert '__name__ == "__main__"' in Path(found.origin).read_text()


def test_what_a_run_left_is_not_taken_for_one_that_runs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stack = Stack(options_read({}, tmp_path), home, lambda _: None)
    stack.database_url = "postgres://fusion_app:pw@127.0.0.1:1/none"
    site_keep(home, stack._site())
    assert site_env_find({}, tmp_path)["SECRET_KEY"] == home.secret_key()
    stack.stop()
    with pytest.raises(RunRefused, match="No installation runs in"):
        site_env_find({}, tmp_path)


def test_commands_and_the_run_itself_have_one_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    stack = Stack(options_read({}, tmp_path), home, lambda _: None)
    monkeypatch.setenv("SECRET_KEY_FILE", "/elsewhere")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_ROLE", raising=False)
    site_keep(home, stack._site())
    assert stack._app_env() == site_env_find(os.environ, tmp_path)
    assert "SECRET_KEY_FILE" not in stack._app_env()
