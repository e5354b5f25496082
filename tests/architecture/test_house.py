"""The house rules that import-linter does not see."""

import ast
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey

from tests.architecture.source import ROOT, place_ranks, tracked


def test_foreign_keys_point_back() -> None:
    """To an earlier place, to the own one, or to Django's."""
    ranks = {place.rpartition(".")[2]: rank for place, rank in place_ranks().items()}
    forward = []
    for model in apps.get_models():
        own = ranks.get(model._meta.app_label)
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and own is not None:
                target = field.related_model._meta.app_label
                if ranks.get(target, -1) > own:
                    forward.append(f"{model.__name__}.{field.name} -> {target}")
    assert forward == []


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_the_paper_executor_knows_nothing_of_django_or_our_database() -> None:
    for file in (ROOT / "execution" / "paper").rglob("*.py"):
        assert not _imports(file) & {"django", "rest_framework", "celery", "psycopg"}, file


def test_what_is_installed_needs_no_tests() -> None:
    code = tracked("*.py", ":!tests", ":!pine")
    assert [path for path in code if "tests" in _imports(path)] == []


def test_secrets_are_compared_in_constant_time_only() -> None:
    """No `==` or `!=` on a name that holds a digest or a secret, outside tests."""
    faults = []
    for path in tracked("*.py"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in ("tests",) or "migrations" in relative.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and any(
                isinstance(op, ast.Eq | ast.NotEq) for op in node.ops
            ):
                text = ast.unparse(node).lower()
                if "secret_sha256" in text or "key_sha256" in text or "presented" in text:
                    faults.append(f"{relative}:{node.lineno}: {text}")
    assert faults == []


def test_money_apps_call_no_float() -> None:
    faults = []
    for path in tracked("execution/*.py", "treasury/*.py", "tokens/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "float":
                faults.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert faults == []


def test_the_top_level_holds_only_what_is_meant_to_be_there() -> None:
    allowed = {
        "manage.py",
        "fusion_project",
        "signals",
        "execution",
        "treasury",
        "tokens",
        "mql5",
        "pine",
        "templates",
        "tests",
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-llm.txt",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "pyproject.toml",
        "Makefile",
        "docs",
        "deploy",
        ".ci",
        ".gitignore",
        ".pre-commit-config.yaml",
    }
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert found <= allowed
