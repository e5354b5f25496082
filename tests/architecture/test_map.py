"""The map is true: what docs/architecture.md names exists, what exists is named, and rules hold."""

import ast
import re
from collections.abc import Iterator

from fusion_project.events import names
from fusion_project.events.registry import handlers_of
from tests.architecture.source import APPS, ROOT, configuration, contracts, named, tracked

MAP = ROOT / "docs" / "architecture.md"
GUIDE = ROOT / "docs" / "where-does-it-belong.md"
LINES_MAX = 110
PURE = "Folders of rules are pure: no framework, no queue, no database, no network, no clock"


def expanded(text: str) -> list[str]:
    """`a/{b,c}/` as a/b/ and a/c/."""
    match = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", text)
    return [match[1] + one + match[3] for one in match[2].split(",")] if match else [text]


def paths_of(text: str) -> Iterator[str]:
    """Paths that a page names between backticks; in a row of a place, also those inside it."""
    for line in text.splitlines():
        cells = line.split("|")
        first = _paths(cells[1]) if line.startswith("| `") else []
        yield from first
        inside = first[0] if len(first) == 1 and first[0].endswith("/") else ""
        for path in _paths("|".join(cells[2:]) if first else line):
            yield path if (ROOT / path).exists() or not inside else inside + path


def _paths(text: str) -> list[str]:
    spoken = [one for one in re.findall(r"`([^`\s]+)`", text) if "/" in one or one.endswith(".py")]
    return [path for one in spoken for path in expanded(one)]


def test_each_place_that_the_map_and_the_guide_name_exists() -> None:
    missing = {
        path
        for page in (MAP, GUIDE)
        for path in paths_of(page.read_text())
        if not (ROOT / path).exists() and path != "handlers.py"
    }
    assert missing == set()


def test_each_folder_of_the_first_two_levels_is_on_the_map() -> None:
    on_the_map = set()
    for path in paths_of(MAP.read_text()):
        parts = path.rstrip("/").split("/")
        on_the_map |= {"/".join(parts[:depth]) for depth in (1, 2)}
    folders = set()
    for path in tracked():
        parents = path.relative_to(ROOT).parts[:-1]
        folders |= {"/".join(parents[:depth]) for depth in (1, 2) if len(parents) >= depth}
    assert folders - on_the_map == set()


def test_the_map_fits_two_screens() -> None:
    assert len(MAP.read_text().splitlines()) <= LINES_MAX


def test_the_map_says_who_handles_which_fact() -> None:
    told: dict[str, set[str]] = {}
    for line in MAP.read_text().splitlines():
        cells = line.split("|")
        facts = set(re.findall(r"`([a-z]+\.[a-z]+)`", cells[1])) if len(cells) > 3 else set()
        for fact in facts & names.ALL:
            told[fact] = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", cells[3]))
    handled = {name: set(handlers_of(name)) for name in names.ALL if handlers_of(name)}
    assert told == {**handled, names.ENTRY_POSTED: set()}


def test_the_guide_has_ten_examples() -> None:
    rows = re.findall(r"^\| (\d+) \|", GUIDE.read_text(), re.MULTILINE)
    assert rows == [str(number) for number in range(1, 11)]


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in tracked("docs/adr/*.md")]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_each_folder_that_calls_itself_pure_is_in_the_contract_and_the_other_way_round() -> None:
    pure = {
        named(path.parent).replace("/", ".")
        for path in tracked("*/__init__.py")
        if path.relative_to(ROOT).parts[0] in APPS
        and re.search(r"\bpure\b", ast.get_docstring(ast.parse(path.read_text())) or "", re.I)
    }
    assert set(contracts()[PURE]["source_modules"]) == pure


def test_the_purity_contract_names_folders_only() -> None:
    folders = [ROOT / name.replace(".", "/") for name in contracts()[PURE]["source_modules"]]
    assert [named(folder) for folder in folders if not folder.is_dir()] == []


def test_types_are_strict_everywhere_without_a_list_of_our_own_modules() -> None:
    mypy = configuration()["tool"]["mypy"]
    assert mypy["strict"] is True
    assert mypy["exclude"] == ["migrations/"]
    listed = [module for one in mypy["overrides"] for module in one["module"]]
    assert [one for one in listed if one.split(".")[0] in (*APPS, "tests", "pine")] == []


def test_nothing_is_formatted_by_hand_outside_migrations() -> None:
    mark = re.compile(r"#\s*fmt:\s*(?:skip|off)")
    assert [
        named(path)
        for path in tracked("*.py")
        if "migrations" not in path.parts and mark.search(path.read_text())
    ] == []


def test_a_path_with_choices_is_each_of_them_and_a_row_names_what_is_inside() -> None:
    assert expanded("tests/{unit,race}/") == ["tests/unit/", "tests/race/"]
    row = "| `tokens/` | rules: `rules/`, `models.py`, beside `docs/adr/` |"
    assert list(paths_of(row)) == ["tokens/", "tokens/rules/", "tokens/models.py", "docs/adr/"]
