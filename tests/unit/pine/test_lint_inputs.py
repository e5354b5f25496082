"""Inputs that teach nothing, or give something away."""

from __future__ import annotations

import pytest

from tests.unit.pine.planting import Case, codes_planted

PICTURE = "// What the picture shows."
WORDS = 'group = "G", tooltip = "T"'
CASES: list[Case] = [
    ("input-words", "df-channel", '20, "Entry channel, bars",', "20,"),
    ("input-words", "df-channel", '"Entry channel, bars"', '""'),
    ("input-words", "df-channel", ", group = IDEA", ""),
    ("input-words", "df-bars", ',\n     tooltip = "Goes into every message."', ""),
    ("input-words", "df-bars", '"Goes into every message."', '""'),
    *[
        ("input-secret", "df-bars", PICTURE, f'string a = input.string("{default}", "A", {WORDS})')
        for default in ("https://x.org", "HTTP://x.org", "q7Zp0vX2kLm9RtYw3NbC")
    ],
    *[
        ("input-secret", "df-bars", PICTURE, f'string a = input.string("", "{title}", {WORDS})')
        for title in ("Secret", "My token", "Password", "API key", "Passphrase of the hook")
    ],
    *[
        ("input-secret", "df-bars", PICTURE, f'string {name} = input.text_area("", "A", {WORDS})')
        for name in ("secret", "hookToken", "apiKey", "KEY", "user_password")
    ],
    ("env-default", "df-bars", 'input.string("paper"', 'input.string("live"'),
    ("env-default", "df-bars", '"paper", "Env', 'defval = "live", title = "Env'),
]

CLEAN = [
    f'string a = input.string("close", "Keyboard", {WORDS})',
    f'int keyLength = input.int(5, "Key level, bars", {WORDS})',
    f'string broken = input.string("tokens", "Broken", {WORDS})',
    f'string a = input.session("0000-0600,0700-1300", "Hours", {WORDS})',
    f'string a = input.string("averylongwordwithoutanynumber", "A", {WORDS})',
]


@pytest.mark.parametrize(("rule", "stem", "old", "new"), CASES)
def test_a_planted_fault_is_found_by_its_rule(rule: str, stem: str, old: str, new: str) -> None:
    assert codes_planted(stem, old, new) == {rule}


@pytest.mark.parametrize("line", CLEAN)
def test_a_harmless_input_is_let_pass(line: str) -> None:
    assert codes_planted("df-bars", PICTURE, line) == set()
