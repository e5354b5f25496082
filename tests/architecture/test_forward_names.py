"""No name in an earlier place points to a later one: URL names, handlers, models, templates, SQL.

import-linter sees imports alone; a string binds just as fast and breaks later.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    COMPOSITION,
    ROOT,
    modules,
    named,
    place_of,
    place_ranks,
    tracked,
)

# URL namespaces that are not called like their place.
NAMESPACES = {"executor": "execution"}
URL_NAME = re.compile(r"^(\w+):\w")
ADMIN_NAME = re.compile(r"^admin:([a-z]+)_")
DOTTED = re.compile(r"^(?:fusion_project\.)?(\w+)\.[A-Za-z_]")
TEMPLATE = re.compile(r"^(\w+)/[\w/.-]*\.(?:html|txt|css|js)$")
ADDRESS = re.compile(r"^/(\w+)/")
TABLE = re.compile(r"\b([a-z]+)_[a-z]+")
IN_TEMPLATE = re.compile(r"{%\s*(?:url|include|extends)\s+['\"]([^'\"]+)['\"]")
# Words that look like a name of a later place and are none, by file; one that is gone fails.
NOT_NAMES: dict[str, frozenset[str]] = {}


def _ranks() -> dict[str, int]:
    """Rank by the word that strings use for a place: its last part, which is its app label too."""
    return {place.rpartition(".")[2]: rank for place, rank in place_ranks().items()}


def named_places(text: str) -> set[str]:
    """The places that one string names, if it is a name at all."""
    forms = (ADMIN_NAME, DOTTED, TEMPLATE, ADDRESS)
    found = {match[1] for form in forms if (match := form.match(text))}
    if address := URL_NAME.match(text):
        found.add(NAMESPACES.get(address[1], address[1]))
    return found & _ranks().keys()


def _points_forward(word: str, place: str) -> bool:
    """Later, or beside: places of one layer do not know each other either."""
    ranks, own = _ranks(), place.rpartition(".")[2]
    return ranks[word] >= ranks[own] and word != own


def strings_of(source: str) -> Iterator[tuple[int, str]]:
    """Every string of Python source that is no docstring, also the parts of f-strings."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("get_model"):
            labels = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield node.lineno, ".".join(str(label) for label in labels)


def forward_strings(source: str, place: str) -> list[tuple[int, str]]:
    """Strings of a module of this place that name a later one."""
    return [
        (line, text)
        for line, text in strings_of(source)
        if any(_points_forward(word, place) for word in named_places(text) | _tables(text))
    ]


def _tables(text: str) -> set[str]:
    """The places whose tables or functions SQL text names."""
    is_sql = re.search(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|JOIN)\b", text)
    words = {match[1] for match in TABLE.finditer(text)} if is_sql else set()
    return words & _ranks().keys() - {"text", "local"}


def _is_composition(path: Path) -> bool:
    return named(path) in COMPOSITION


def test_no_string_of_an_earlier_place_names_a_later_one() -> None:
    faults: dict[str, set[str]] = {}
    lines = []
    for module, path in modules().items():
        place = place_of(module)
        if place is None or _is_composition(path):
            continue
        for line, text in forward_strings(path.read_text(), place):
            faults.setdefault(named(path), set()).add(text)
            if text not in NOT_NAMES.get(named(path), ()):
                lines.append(f"{named(path)}:{line}: {text[:80]}")
    assert lines == []
    assert {file: frozenset(texts) for file, texts in faults.items()} == NOT_NAMES


def test_modules_beside_all_places_name_none_of_them() -> None:
    """What is no place of its own stands below all places, but for where they are composed."""
    faults = [
        f"{named(path)}:{line}: {text}"
        for module, path in modules().items()
        if place_of(module) is None and not _is_composition(path)
        for line, text in strings_of(path.read_text())
        if named_places(text)
    ]
    assert faults == []


def test_no_template_of_an_earlier_place_names_a_later_one() -> None:
    faults = []
    for path in tracked("templates/*/*.html"):
        place = path.relative_to(ROOT / "templates").parts[0]
        for text in IN_TEMPLATE.findall(path.read_text()):
            if any(_points_forward(word, place) for word in named_places(text)):
                faults.append(f"{named(path)}: {text}")
    assert faults == []


def test_no_sql_of_an_earlier_place_names_a_table_of_a_later_one() -> None:
    faults = []
    for path in tracked("*.sql"):
        place = place_of(".".join(path.relative_to(ROOT).parent.parts))
        assert place is not None, named(path)
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            words = {match[1] for match in TABLE.finditer(line)} & _ranks().keys()
            if any(_points_forward(word, place) for word in words - {"text", "local"}):
                faults.append(f"{named(path)}:{number}: {line.strip()}")
    assert faults == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("signals", 'reverse("ops:decision", args=[1])'),
        ("signals", 'redirect("ops:trace", one)'),
        ("signals", "f\"{reverse('ops:alert_linter')}?delivery={pk}\""),
        ("signals", 'reverse("admin:execution_order_changelist")'),
        ("signals", 'user.has_perm("ops.manage_secret")'),
        ("signals", 'import_string("execution.services.staging.stage")'),
        ("signals", 'Handling.objects.filter(handler="execution.stage_orders")'),
        ("signals", 'apps.get_model("execution", "Order")'),
        ("signals", 'models.ForeignKey("execution.Order")'),
        ("signals", 'cursor.execute("SELECT 1 FROM execution_order")'),
        ("signals", 'reverse("executor:poll")'),
        ("fusion_project.incidents", 'template = "ops/incident_list.html"'),
        ("fusion_project.admin", 'change_list_template = "ops/fact_list.html"'),
        ("fusion_project.events", 'subject = f"signals.alert:{one}"'),
        ("treasury", 'handler = "tokens.post_position"'),
        ("fusion_project.community", 'reverse("ops:decision")'),
        ("fusion_project.ops", 'reverse("community:trade")'),
        ("execution", 'href = "/ops/ledger/"'),
    ],
)
def test_a_planted_name_of_a_later_place_is_seen(place: str, line: str) -> None:
    assert forward_strings(line, place) != []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("fusion_project.ops", 'reverse("ops:decision")'),
        ("fusion_project.ops", 'reverse("admin:execution_order_changelist")'),
        ("execution", 'subject = f"signals.alert:{one}"'),
        ("execution", 'cursor.execute("SELECT 1 FROM signals_decision")'),
        ("signals", '"""Read by execution.services.staging."""'),
        ("signals", 'words = "Execution of this order: unknown."'),
        ("tokens", 'code = f"tok:{account}"'),
    ],
)
def test_a_name_that_points_back_or_is_none_is_left_alone(place: str, line: str) -> None:
    assert forward_strings(line, place) == []
