"""Nothing public ahead of its time, by construction: what a public page reads is cut at one moment.

Every function of community's selectors that reads asks for the moment by keyword, and uses it.
"""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import imports_of, module_of, named, tracked

COMMUNITY = "fusion_project/community"
SELECTORS = tracked(f"{COMMUNITY}/selectors/*.py")
# How many decimals a price is written with is no figure.
NO_FIGURE = {"_digits_of"}
PLANTED = """
from tokens.selectors.supply import supply_list

def uncut(*, book, as_of):
    return Position.objects.filter(account__book=book)

def half_cut(*, book, as_of):
    return [as_of.at, supply_list(book=book)]

def by_position(book, as_of):
    return Position.objects.filter(closed_at__lte=as_of.at)

def by_cursor():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

def by_keys(rows):
    known = Position.objects.select_related("account")
    return known.in_bulk(rows)

def cut(*, book, as_of):
    return supply_list(book=book, recorded_until=as_of.at)
"""


def _foreign_selectors(tree: ast.Module) -> set[str]:
    """Functions of other apps' selectors that a file imports."""
    return {
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and ".selectors." in (node.module or "")
        and not (node.module or "").startswith("fusion_project.community")
        for alias in node.names
        if alias.name[:1].islower()
    }


def _is_by_keys(function: ast.FunctionDef, managers: list[ast.Attribute]) -> bool:
    """Whether its only read is of rows whose keys it was given."""
    asked = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
    return len(managers) == 1 and any(node.attr == "in_bulk" for node in asked)


def _faults_of(function: ast.FunctionDef, foreign: set[str]) -> list[str]:
    managers = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "cursor")
    ]
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in foreign
    ]
    faults = [
        f"{ast.unparse(call)} is not cut"
        for call in calls
        if not any(
            one.arg == "recorded_until" and ast.unparse(one.value) == "as_of.at"
            for one in call.keywords
        )
    ]
    body = " ".join(ast.unparse(node) for node in function.body)
    is_cut = "as_of" in {one.arg for one in function.args.kwonlyargs} and "as_of" in body
    if (managers or calls) and not is_cut and not _is_by_keys(function, managers):
        faults.append("reads without the moment")
    if managers and not calls and is_cut and "as_of.at" not in body and "as_of=as_of" not in body:
        faults.append("reads beside the moment")
    return [f"{function.name}: {fault}" for fault in faults]


def _faults(text: str) -> list[str]:
    tree = ast.parse(text)
    foreign = _foreign_selectors(tree)
    return [
        fault
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name not in NO_FIGURE
        for fault in _faults_of(node, foreign)
    ]


@pytest.mark.parametrize("path", SELECTORS, ids=lambda path: path.stem)
def test_what_reads_asks_for_the_moment_by_keyword_and_uses_it(path: Path) -> None:
    assert _faults(path.read_text()) == []


def test_a_reader_without_the_moment_is_found() -> None:
    assert _faults(PLANTED) == [
        "uncut: reads without the moment",
        "half_cut: supply_list(book=book) is not cut",
        "by_position: reads without the moment",
        "by_cursor: reads without the moment",
    ]


def test_views_read_nothing_themselves() -> None:
    for path in tracked(f"{COMMUNITY}/views*.py"):
        assert ".objects" not in path.read_text(), named(path)


def test_the_clock_is_asked_in_one_place_and_by_the_linter() -> None:
    """The linter judges a message that comes now; it shows no record."""
    askers = {
        named(path)
        for path in tracked(f"{COMMUNITY}/*.py", f"{COMMUNITY}/**/*.py")
        if "fusion_project.events.clock" in imports_of(module_of(path))
    }
    assert askers == {f"{COMMUNITY}/moment.py", f"{COMMUNITY}/views_linter.py"}
