"""`docs/alerts-reference.md` is made from the tables, and its examples are true."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from execution.management import alerts_reference
from signals.dialects.guide import GUIDE
from signals.dialects.registry import DIALECT_NAMES
from signals.intake.answers import ANSWERS
from signals.intake.reasons import DUPLICATE_RULES, REFUSAL_RULES, RULE_ADVICE, UNREADABLE
from signals.services import receiving
from tests.unit.signals.dialects.reading import FOLDER, asked

# Given beside the codes: wrong secret, not POST, too many, cannot store.
OTHER_STATUSES = {401, 405, 429, 503}


def _reasons(of: str) -> Iterator[dict[str, str]]:
    for line in (FOLDER / "reasons.jsonl").read_text().splitlines():
        example = json.loads(line)
        if example["of"] == of:
            yield example


BODIES = {one["code"]: one["body"] for one in _reasons("message") if "body" in one}


def test_the_reference_is_up_to_date() -> None:
    call_command("alerts_reference", "--check", stdout=io.StringIO())


def test_a_reference_that_is_out_of_date_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "alerts-reference.md"
    page.write_text(alerts_reference.PAGE.read_text().replace("refused", "accepted", 1))
    monkeypatch.setattr("execution.management.commands.alerts_reference.PAGE", page)
    with pytest.raises(CommandError, match="not up to date"):
        call_command("alerts_reference", "--check")


def test_a_reason_without_an_example_is_named() -> None:
    with pytest.raises(CommandError, match="message: too_large"):
        alerts_reference._fitting({}, ["too_large"], "message")


def test_an_example_of_no_reason_is_named() -> None:
    with pytest.raises(CommandError, match="rule: gone"):
        alerts_reference._fitting({"gone": "an example"}, [], "rule")


@pytest.mark.parametrize("code", BODIES)
def test_an_example_message_of_a_refusal_is_refused_that_way(code: str) -> None:
    assert asked(BODIES[code]) == code


@pytest.mark.parametrize("name", DIALECT_NAMES)
def test_every_dialect_is_explained_and_has_examples(name: str) -> None:
    assert f"\n### {name}\n\n{GUIDE[name]}" in alerts_reference.reference_text()
    assert alerts_reference._lines(alerts_reference._file(name))


def test_the_examples_of_our_own_scripts_are_read_as_they_say() -> None:
    for line in (FOLDER / "df_signal.jsonl").read_text().splitlines():
        example = json.loads(line)
        assert asked(example["body"]) == example["expected"]


def test_every_rule_says_what_the_sender_can_do() -> None:
    assert set(RULE_ADVICE) == {*DUPLICATE_RULES, *REFUSAL_RULES}


def test_every_status_that_the_webhook_gives_is_explained() -> None:
    given = {status for status, _ in UNREADABLE.values()} | set(receiving._STATUS.values())
    assert set(ANSWERS) == given | OTHER_STATUSES
