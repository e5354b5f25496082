"""The documented examples: each is claimed by its own dialect alone and read as it says."""

from __future__ import annotations

import pytest

from signals.dialects.credentials import credential_spans
from signals.intake.parsing import read_content
from tests.unit.signals.dialects.reading import ALL, CODES, EXAMPLES, Example, asked

CASES = [(name, example) for name, examples in EXAMPLES.items() for example in examples]


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_example_is_read_as_it_says(name: str, example: Example) -> None:
    assert asked(example.body) == example.expected


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_example_is_claimed_by_its_own_dialect_alone(name: str, example: Example) -> None:
    content = read_content(example.body.encode())
    assert [dialect.name for dialect in ALL if dialect.claims(content)] == [name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_dialect_shows_what_it_accepts_and_what_it_refuses(name: str) -> None:
    refused = [example for example in EXAMPLES[name] if example.expected in CODES]
    assert refused
    assert len(refused) < len(EXAMPLES[name])


@pytest.mark.parametrize("dialect", [one for one in ALL if one.name in EXAMPLES])
def test_a_credential_in_an_example_lies_in_a_named_span(dialect) -> None:
    checked = 0
    for example in EXAMPLES[dialect.name]:
        raw = example.body.encode()
        content = read_content(raw)
        credential = dialect.credential(content)
        if credential is not None:
            spans = credential_spans(content, [dialect.credential_place])
            assert credential.encode() in [raw[start:end].strip() for start, end in spans]
            checked += 1
    assert checked or dialect.name in ("traderspost", "tv_sentence")
