"""`docs/alerts.md` shows every dialect, every example and every refusal, and says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signals.intake.reasons import DUPLICATE_RULES, REFUSAL_RULES, UNREADABLE
from signals.intake.refusals import DIALECT_REASONS
from tests.unit.signals.dialects.reading import ALL, EXAMPLES, asked

TEXT = (Path(__file__).parents[4] / "docs" / "alerts.md").read_text()
ROW = re.compile(r"^\| `(?P<code>\w+)` \| (?P<status>\d{3}) \| (?P<example>.*?) \| .+ \|$", re.M)
ROWS = {row["code"]: row for row in ROW.finditer(TEXT)}


@pytest.mark.parametrize("dialect", [one.name for one in ALL])
def test_every_dialect_has_its_section(dialect: str) -> None:
    assert f"\n### {dialect}\n" in TEXT


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_of_a_dialect_is_shown_with_its_outcome(name: str) -> None:
    for example in EXAMPLES[name]:
        _, _, after = TEXT.partition(f"\n{example.body}\n```\n\n→ ")
        assert f"`{example.expected}`" in after.partition("\n")[0], example.body


@pytest.mark.parametrize("code", [*UNREADABLE, *DIALECT_REASONS])
def test_every_refusal_has_an_example_and_says_what_to_change(code: str) -> None:
    status, _ = {**UNREADABLE, **DIALECT_REASONS}[code]
    assert ROWS[code]["status"] == str(status)


@pytest.mark.parametrize("code", ROWS)
def test_an_example_message_of_a_refusal_is_refused_that_way(code: str) -> None:
    example = ROWS[code]["example"]
    if example.startswith("`") and example.endswith("`"):
        assert asked(example.strip("`")) == code
    else:
        assert not example.startswith("`")


@pytest.mark.parametrize("rule", [*DUPLICATE_RULES, *REFUSAL_RULES])
def test_every_rule_for_readable_messages_is_described(rule: str) -> None:
    assert re.search(rf"^\| `{rule}` \| .+ \| .+ \| .+ \|$", TEXT, re.M)
