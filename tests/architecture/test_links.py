"""Every link of a page leads somewhere: to a file that exists, and to a heading that it has."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, named, tracked

FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)
MENTION = re.compile(r"docs/[\w./-]+\.md(?:#[\w-]+)?")
PAGES = tracked("*.md")


def anchors_of(text: str) -> set[str]:
    """The anchors that GitHub makes from headings."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = sum(one == slug or re.fullmatch(rf"{slug}-\d+", one) is not None for one in found)
        found.add(f"{slug}-{number}" if number else slug)
    return found


def fault_of(page: Path, target: str) -> str:
    """Why a link of a page leads nowhere; empty where it leads somewhere."""
    path, _, anchor = target.partition("#")
    place = (page.parent / path).resolve() if path else page
    if not place.exists():
        return f"{named(page)}: {target}: there is no such file"
    if anchor and anchor not in anchors_of(place.read_text()):
        return f"{named(page)}: {target}: it has no such heading"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_of_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    targets = LINK.findall(FENCE.sub("", page.read_text()))
    relative = [one for one in targets if "://" not in one and not one.startswith("mailto:")]
    assert [fault for one in relative if (fault := fault_of(page, one))] == []


def test_every_page_that_code_and_templates_name_exists_with_its_heading() -> None:
    faults = []
    for path in tracked("*.py", "*.html", "*.sql", "*.mjs", "*.toml", "Makefile", ":!tests"):
        for target in MENTION.findall(path.read_text(errors="replace")):
            if fault := fault_of(ROOT / "README.md", target):
                faults.append(f"{named(path)}: {fault}")
    assert faults == []


def test_a_link_to_a_heading_that_is_not_there_is_named(tmp_path: Path) -> None:
    page = ROOT / "docs" / "alerts.md"
    assert fault_of(page, "alerts.md#try-a-message") == ""
    assert "no such heading" in fault_of(page, "alerts.md#nowhere")
    assert "no such file" in fault_of(page, "nowhere.md")


def test_anchors_are_those_of_the_pages_host() -> None:
    text = "# What `it` is, (really)?\n\n## Twice\n\n## Twice\n"
    assert anchors_of(text) == {"what-it-is-really", "twice", "twice-1"}
