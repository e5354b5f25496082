"""Rules about inputs: each explains itself, and no default gives a secret away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import Call, Declare, Expression
from pine.harness.lint.rule import Found, Rule
from pine.harness.lint.script import Script, Site, argument, literal_text

_TEXTS: Final = ("input.string", "input.text_area", "input.symbol", "input.session")
_SECRET_WORDS: Final = frozenset({"secret", "token", "password", "passphrase", "key", "apikey"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=\-]{20,}")


def _inputs(script: Script) -> Iterator[tuple[Call, Site]]:
    return ((call, site) for call, site in script.calls if call.name.startswith("input."))


def _words(script: Script) -> Iterator[Found]:
    for call, _ in _inputs(script):
        given = {"title": argument(call, 1, "title")}
        given |= {name: _named(call, name) for name in ("tooltip", "group")}
        missing = [
            name for name, value in given.items() if value is None or literal_text(value) == ""
        ]
        if missing:
            yield Found(call.at.line, f"a learner needs {' and '.join(missing)}; write it by name")


def _named(call: Call, name: str) -> Expression | None:
    return next((one.value for one in call.arguments if one.name == name), None)


def _secret(script: Script) -> Iterator[Found]:
    for call, site in _inputs(script):
        default = literal_text(argument(call, 0, "defval")) or ""
        if "http" in default.lower() or _RANDOM.fullmatch(default):
            yield Found(call.at.line, "the default looks like an address or a secret; leave it out")
        title = literal_text(argument(call, 1, "title")) or ""
        words = _WORD.findall(f"{title} {_variable(site)}")
        if call.name in _TEXTS and _SECRET_WORDS & {word.lower() for word in words}:
            yield Found(call.at.line, "an alert's text is public; a script asks for no secret")


def _environment(script: Script) -> Iterator[Found]:
    for call, site in _inputs(script):
        if _variable(site) == "env" and literal_text(argument(call, 0, "defval")) == "live":
            yield Found(call.at.line, 'live is a choice of the user; write "paper" or "test"')


def _variable(site: Site) -> str:
    last = site.statements[-1]
    return last.names[0].text if isinstance(last, Declare) else ""


RULES: Final = (
    Rule("input-words", "an input without words teaches nothing", _words),
    Rule("input-secret", "published scripts and alerts are read by strangers", _secret),
    Rule("env-default", "the safety switch starts in the safe position", _environment),
)
