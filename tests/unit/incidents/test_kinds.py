"""The table of incidents: whole, documented, and the only source of what is opened."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from fusion_project.incidents import kinds
from fusion_project.incidents.kinds import KINDS, SEVERITIES, IncidentKindUnknown, kind_get
from fusion_project.ops.roles import ROLES

ROOT = Path(__file__).resolve().parents[3]
RUNBOOK = (ROOT / kinds.RUNBOOK).read_text()
APPS = ("fusion_project", "signals", "execution", "treasury", "tokens")
TAKES_A_KIND = ("incident_open", "incident_settle", "account_halt_by_rule")
CONSTANTS = {name: value for name, value in vars(kinds).items() if value in list(KINDS)}


def test_every_constant_has_its_row_and_every_row_its_constant() -> None:
    assert sorted(CONSTANTS.values()) == sorted(KINDS)
    for name, value in CONSTANTS.items():
        assert name == value.replace(".", "_").upper()


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_a_kind_is_spelled_and_owned_as_the_others(kind: kinds.IncidentKind) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+", kind.name)
    assert kind.severity in SEVERITIES
    assert kind.role in ROLES
    assert kind.owner in {one.label for one in apps.get_app_configs()}
    assert kind.sentence.endswith(".")


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_the_runbook_has_what_to_do_where_a_kind_points(kind: kinds.IncidentKind) -> None:
    file, _, anchor = kind.runbook.partition("#")
    headings = re.findall(r"^### (.+)$", (ROOT / file).read_text(), re.M)
    # As Markdown renderers make anchors: letters, digits, hyphens and underscores stay.
    anchors = [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]
    assert anchors.count(anchor) == 1


def test_the_runbook_tells_of_no_kind_that_is_not_there() -> None:
    _, _, part = RUNBOOK.partition("\n## Incidents\n")
    assert re.findall(r"^### (.+)$", part, re.M) == list(KINDS)


def test_the_runbook_has_one_row_for_each_kind_as_the_table_tells_it() -> None:
    _, _, part = RUNBOOK.partition("\n## Incidents\n")
    rows = re.findall(r"^\| \[([a-z.]+)\]\(#([a-z]+)\) \| (\w+) \| (.+) \|$", part, re.M)
    assert rows == [
        (kind.name, kind.runbook.partition("#")[2], kind.severity, kind.sentence)
        for kind in KINDS.values()
    ]


def test_an_unknown_kind_is_no_row() -> None:
    with pytest.raises(IncidentKindUnknown, match=r"coffee\.cold"):
        kind_get("coffee.cold")


def _calls() -> Iterator[tuple[Path, ast.keyword]]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in TAKES_A_KIND:
                    yield (
                        path.relative_to(ROOT),
                        next(one for one in node.keywords if one.arg == "kind"),
                    )


def test_whoever_opens_an_incident_names_a_constant_of_the_table() -> None:
    loose = [
        f"{path}:{given.value.lineno}"
        for path, given in _calls()
        for node in ast.walk(given.value)
        if isinstance(node, ast.Constant)
    ]
    assert loose == []


def test_a_kind_is_named_by_the_app_that_owns_it_alone() -> None:
    faults, named = [], set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            parts = path.relative_to(ROOT).parts
            place = parts[1] if parts[0] == "fusion_project" else parts[0]
            for constant in re.findall(r"\bkinds\.([A-Z_]+)\b", path.read_text()):
                named.add(constant)
                if KINDS[CONSTANTS[constant]].owner != place:
                    faults.append(f"{'/'.join(parts)}: {constant}")
    assert faults == []
    assert named == set(CONSTANTS)
