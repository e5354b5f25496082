"""The table of guards follows the code; `make prove-guards` says whether each is needed."""

import tomllib
from pathlib import Path

import pytest

from execution.risk.limits import LIMITS
from execution.rules.switches import SCOPES
from tests.guards.guard import Guard
from tests.guards.mutants import TESTS
from tests.guards.table import GUARDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_where_its_table_says(guard: Guard) -> None:
    text = (ROOT / guard.file).read_text(encoding="utf-8")
    assert text.count(guard.old) == 1
    assert guard.new != guard.old


def test_every_guard_has_a_name_of_its_own_and_tests_that_exist() -> None:
    names = [guard.name for guard in GUARDS]
    assert len(set(names)) == len(names)
    places = {test.partition("::")[0] for guard in GUARDS for test in guard.tests}
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_limit_and_every_scope_of_a_switch_is_taken_out_in_turn() -> None:
    names = {guard.name for guard in GUARDS}
    asked = {f"limit: {name} is {word}" for name in LIMITS for word in ("asked", "counted")}
    assert len(names & asked) == len(LIMITS)
    assert {f"switch: {scope}" for scope in SCOPES} <= names


def test_what_is_changed_for_unit_tests_is_pure() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    pure = next(one for one in contracts if one["name"].startswith("Folders of rules are pure"))
    assert {folder.replace("/", ".") for folder in TESTS} <= set(pure["source_modules"])
    assert [place for place in (*TESTS, *TESTS.values()) if not (ROOT / place).is_dir()] == []
