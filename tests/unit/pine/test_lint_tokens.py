"""The tokenizer: no text can break it, and nothing of a text is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pine.harness.lint.checking import lint
from pine.harness.lint.script import Script
from pine.harness.lint.tokens import text_of, tokenize
from tests.unit.pine.planting import STEMS, source_of

PIECES = st.sampled_from(
    [
        "if ",
        "x",
        " = ",
        "\n",
        "    ",
        "     ",
        '"',
        "'",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "=>",
        ":=",
        "//",
        '"""',
        "alert",
        "str.tostring",
        "1.5",
        "#ff0000",
        "?",
        ":",
        ",",
        "\r\n",
        "\t",
        "e1",
        "for ",
        "switch",
        "else",
        " in ",
        "type ",
        "not ",
        "<",
        ">",
        ".",
        "é",
    ]
)


@given(st.text())
def test_the_tokens_of_any_text_are_that_text(text: str) -> None:
    assert "".join(token.text for token in tokenize(text)) == text


@given(st.lists(PIECES, max_size=40))
def test_the_tokens_of_any_pine_like_text_are_that_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "".join(token.text for token in tokenize(text)) == text


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_no_pine_like_text_breaks_the_lint(pieces: list[str]) -> None:
    faults = lint([Script(Path("any.pine"), "".join(pieces))])
    assert faults, "a script without a declaration cannot be right"


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(STEMS), st.floats(0, 1, exclude_max=True), PIECES)
def test_a_script_with_one_word_exchanged_is_still_judged(
    stem: str, share: float, piece: str
) -> None:
    tokens = tokenize(source_of(stem))
    place = int(share * len(tokens))
    words = [piece if number == place else token.text for number, token in enumerate(tokens)]
    script = Script(Path(f"{stem}.pine"), "".join(words))
    last = script.source.count("\n") + 1
    assert all(1 <= fault.line <= last and fault.words for fault in lint([script]))


def test_a_script_without_functions_of_its_own_is_judged() -> None:
    text = '//@version=6\nindicator("x", overlay = true)\nplot(close)\n'
    assert isinstance(lint([Script(Path("any.pine"), text)]), list)


@pytest.mark.parametrize("stem", STEMS)
def test_a_token_stands_where_it_says(stem: str) -> None:
    lines = source_of(stem).split("\n")
    for token in tokenize(source_of(stem)):
        if token.kind != "newline":
            start = token.column - 1
            assert lines[token.line - 1][start : start + len(token.text)] == token.text


def test_the_place_is_right_after_a_text_of_several_lines() -> None:
    last = tokenize('a = """b\nc"""\n  d')[-1]
    assert (last.text, last.line, last.column) == ("d", 3, 3)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("ta.ema(close, 9)", "name op name op space number op"),
        ("x := 1.5e3 // y", "name space op space number space comment"),
        ("'it\\'s' \"a\\\"b\"", "string space string"),
        ('"open', "broken"),
        ("#ff00AA80", "colour"),
        ("a>=b=>c", "name op name op name"),
        ("x[1].y", "name op number op op name"),
    ],
)
def test_pine_words_are_told_apart(source: str, kinds: str) -> None:
    assert [token.kind for token in tokenize(source)] == kinds.split()


def test_an_escaped_quote_is_read_as_the_quote() -> None:
    (token,) = tokenize(r'"a \"b\" \\ c"')
    assert text_of(token) == 'a "b" \\ c'
