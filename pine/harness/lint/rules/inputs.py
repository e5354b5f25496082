"""Rules about inputs: each explains itself, and no default gives a secret away."""

import re
from collections.abc import Iterator
from typing import Final

from pine.harness.lint.nodes import Node
from pine.harness.lint.rule import Found, rule
from pine.harness.lint.script import Script, literal_text

_TEXTS: Final = ("input.string", "input.text_area", "input.symbol", "input.session")
_SECRET_WORDS: Final = frozenset({"secret", "token", "password", "passphrase", "key", "apikey"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=\-]{20,}")


def _inputs(script: Script) -> Iterator[tuple[Node, str, str]]:
    """Each input with the name of its variable and its default, where that is a text."""
    for site in script.calls():
        if site.node.text.startswith("input."):
            names = [name.text for one in site.path[-1:] for name in one.names]
            default = literal_text(script.argument(site.node, "defval"))
            yield site.node, (names or [""])[0], default or ""


@rule("input-words", "an input without words teaches nothing")
def _input_words(script: Script) -> Found:
    for call, _, _ in _inputs(script):
        given = dict(zip(call.names, call.parts, strict=True))
        words = {"title": script.argument(call, "title")}
        words |= {name: given.get(name) for name in ("tooltip", "group")}
        missing = [name for name, one in words.items() if one is None or literal_text(one) == ""]
        if missing:
            yield call.at.line, f"a learner needs {' and '.join(missing)}; write it by name"


@rule("input-secret", "published scripts and alerts are read by strangers")
def _input_secret(script: Script) -> Found:
    for call, variable, default in _inputs(script):
        if "http" in default.lower() or _RANDOM.fullmatch(default):
            yield call.at.line, "the default looks like an address or a secret; leave it out"
        title = literal_text(script.argument(call, "title")) or ""
        words = {word.lower() for word in _WORD.findall(f"{title} {variable}")}
        if call.text in _TEXTS and _SECRET_WORDS & words:
            yield call.at.line, "an alert's text is public; a script asks for no secret"


@rule("env-default", "the safety switch starts in the safe position")
def _env_default(script: Script) -> Found:
    for call, variable, default in _inputs(script):
        if variable == "env" and default == "live":
            yield call.at.line, 'live is a choice of the user; write "paper" or "test"'
